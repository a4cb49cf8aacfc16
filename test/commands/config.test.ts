// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config, not of JavaScript
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diffLines } from '../../src/config/diff-lines.ts';
import { longConfig } from '../config/long-config.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
let file: string;

beforeEach(() => {
  home = cliHome();
  file = join(home.stateDir, 'moltbot.json');
});
afterEach(() => home.remove());

function write(text: string): void {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
}

const text = () => readFileSync(file, 'utf8');
const run = (...args: string[]) => runCli(home, args);

/** Runs a command that must succeed and gives the lines it changed in the file. */
async function linesChangedBy(...args: string[]): Promise<string[]> {
  const before = text();
  expect(await run(...args)).toMatchObject({ code: 0 });
  return diffLines(before, text()).flatMap(({ sign, text: line }) => (sign === ' ' ? [] : [`${sign}${line}`]));
}

describe('a 200-line config with comments', () => {
  it('survives models set, config set, aliases, fallbacks and orders with only the wanted lines changed', async () => {
    write(longConfig());
    expect(await linesChangedBy('models', 'set', 'anthropic/claude-sonnet-4.6')).toEqual([
      "-      model: { primary: 'opus', fallbacks: [",
      "+      model: { primary: 'anthropic/claude-sonnet-4-6', fallbacks: [",
    ]);
    expect(await linesChangedBy('config', 'set', 'gateway.port', '8410')).toEqual([
      '-    port: 8400, // the usual one',
      '+    port: 8410, // the usual one',
    ]);
    expect(await linesChangedBy('models', 'aliases', 'add', 'haiku', 'anthropic/claude-haiku-4-5')).toEqual([
      `+        "anthropic/claude-haiku-4-5": { alias: "haiku" },`,
    ]);
    expect(await linesChangedBy('models', 'fallbacks', 'add', 'xai/grok-4-fast')).toEqual([
      '+        "xai/grok-4-fast",',
    ]);
    expect(
      await linesChangedBy('models', 'auth', 'order', 'set', '--provider', 'xai', 'xai:env', '--agent', 'agent-3'),
    ).toEqual(['-        auth: { env: false } },', '+        auth: { env: false, order: { xai: ["xai:env"] } } },']);
    expect(text()).toContain('ANTHROPIC_API_KEY: "${WORK_KEY}",');
    expect(text()).toContain("XAI_API_KEY: '${HOME_KEY}', // private");
  });
});

describe('a config with a mistake', () => {
  it('is told once, with line and column, and ends with 78', async () => {
    write('{\n  gateway: {\n    port: 1,,\n  },\n}');
    const { code, stdout, stderr } = await run('config', 'get', 'gateway.port');
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr.match(/:3:13: not valid JSON5/g)).toHaveLength(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('is one JSON object on stdout under --json', async () => {
    write('{\n  gateway: { prot: 1 },\n}');
    const { code, stdout, stderr } = await run('config', 'get', '--json');
    expect([code, stderr, JSON.parse(stdout)]).toEqual([
      78,
      '',
      {
        error: {
          code: 'CONFIG_INVALID',
          message: `${file}:2:14: gateway.prot: unknown key.`,
          hint: 'Did you mean "port"?',
        },
      },
    ]);
  });

  it('is told in full by config validate', async () => {
    write('{\n  gateway: { prot: 1 },\n  log: { level: "loud" },\n}');
    const { code, stderr } = await run('config', 'validate');
    expect(code).toBe(78);
    expect(stderr).toContain(':2:14: gateway.prot: unknown key.');
    expect(stderr).toContain(':3:17: log.level: expected "error"');
  });

  it('can be mended with config edit, and a draft that is still wrong is kept', async () => {
    write('{ gateway: { prot: 8410 } }');
    const wrong = await runCli(home, ['config', 'edit'], { env: { EDITOR: 'sed -i s/prot/porr/' } });
    expect(wrong).toMatchObject({ code: 78 });
    expect(text()).toBe('{ gateway: { prot: 8410 } }');
    expect(await runCli(home, ['config', 'edit'], { env: { EDITOR: 'sed -i s/porr/port/' } })).toMatchObject({
      code: 0,
    });
    expect(text()).toBe('{ gateway: { port: 8410 } }');
  });

  it('with a loose mode ends with 77 and the command that mends it', async () => {
    write('{}');
    chmodSync(file, 0o644);
    const { code, stderr } = await run('config', 'get');
    expect([code, stderr]).toEqual([77, `${file} can be read by other users.\nMake it private: chmod 600 ${file}\n`]);
  });
});

describe('config get', () => {
  it('shows what is written, what is a default and what is neither', async () => {
    write('{ network: { noProxy: "${HOSTS}" } }');
    const get = async (path: string) => JSON.parse((await run('config', 'get', path, '--json')).stdout);
    expect(await get('network.noProxy')).toEqual({ path: 'network.noProxy', value: '${HOSTS}', from: 'file' });
    expect(await get('auth.maxWaitMs')).toEqual({ path: 'auth.maxWaitMs', value: 10_000, from: 'default' });
    expect(await get('network.caFile')).toEqual({ path: 'network.caFile', value: null, from: 'nowhere' });
  });

  it('suggests the key that was meant', async () => {
    const { code, stderr } = await run('config', 'get', 'gateway.prot');
    expect([code, stderr]).toEqual([64, 'gateway.prot is not a key of the config.\nDid you mean gateway.port?\n']);
  });

  it('never shows a whole credential that somebody wrote into the file', async () => {
    const secret = ['sk', 'ant', 'sim', 'canary0123456789abcdef'].join('-');
    write(`{ env: { ANTHROPIC_API_KEY: "${secret}" } }`);
    await run('config', 'set', 'gateway.port', '1');
    for (const args of [
      ['config', 'get'],
      ['config', 'get', 'env.ANTHROPIC_API_KEY', '--json'],
      ['config', 'diff', '--json'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stdout.includes('canary'), stderr.includes('canary')]).toEqual([0, false, false]);
    }
  });
});

describe('config set', () => {
  it('refuses a credential as a value, and does not repeat it', async () => {
    const secret = ['sk', 'ant', 'sim', 'canary0123456789abcdef'].join('-');
    const { code, stdout, stderr } = await run('config', 'set', 'env.ANTHROPIC_API_KEY', secret);
    expect(code).toBe(64);
    expect(stdout + stderr).not.toContain('canary');
    expect(existsSync(file)).toBe(false);
  });

  it('says which key of which file on which host it changed', async () => {
    const { stdout } = await run('config', 'set', 'gateway.port', '8410', '--json');
    expect(JSON.parse(stdout)).toEqual({
      changed: true,
      configPath: file,
      keys: ['gateway.port'],
      gatewayHost: expect.any(String),
    });
  });

  it('loses no change when several run at the same time', async () => {
    const keys = [
      'gateway.port',
      'auth.maxWaitMs',
      'gateway.pingAfterMs',
      'gateway.brake.requests',
      'gateway.timeouts.connectMs',
    ];
    const results = await Promise.all(keys.map((key, index) => run('config', 'set', key, String(index + 1))));
    const agents = ['a', 'b', 'c'].map((agent) => run('models', 'set', 'xai/grok-4-fast', '--agent', agent));
    const codes = [...results, ...(await Promise.all(agents))].map(({ code }) => code);
    expect(codes).toEqual(codes.map(() => 0));
    const shown = await Promise.all(keys.map((key) => run('config', 'get', key)));
    expect(shown.map(({ stdout }) => stdout)).toEqual(keys.map((_, index) => `${index + 1}\n`));
    const list = JSON.parse((await run('config', 'get', 'agents.list', '--json')).stdout).value;
    expect(list.map(({ id }: { id: string }) => id).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('reads nothing from the working directory', async () => {
    const elsewhere = join(home.directory, 'project');
    mkdirSync(elsewhere);
    for (const name of ['moltbot.json', '.env', '.moltbotrc'])
      writeFileSync(join(elsewhere, name), '{ broken', { mode: 0o600 });
    const { code, stdout } = await runCli(home, ['config', 'path'], { cwd: elsewhere });
    expect([code, stdout]).toEqual([0, `${file}\n`]);
    expect(await runCli(home, ['config', 'get'], { cwd: elsewhere })).toMatchObject({ code: 0 });
  });
});

describe('a credential typed as a config key', () => {
  it('is recognised and not repeated', async () => {
    const { code, stderr } = await run('config', 'get', `sk-sim-${'canary'.repeat(3)}`);
    expect([code, stderr.split('\n')[0]]).toEqual([
      64,
      'What was typed as a key of the config looks like a credential; it is not shown here.',
    ]);
    expect(stderr).not.toContain('canary');
  });
});

describe('config history, diff and restore', () => {
  it('bring an earlier version back, and back again', async () => {
    write('{\n  gateway: { port: 1 }, // mine\n}\n');
    await run('config', 'set', 'gateway.port', '2');
    expect((await run('config', 'diff')).stdout).toBe(
      '-   gateway: { port: 1 }, // mine\n+   gateway: { port: 2 }, // mine\n',
    );
    const history = JSON.parse((await run('config', 'history', '--json')).stdout);
    expect(history).toMatchObject({ schemaVersion: 1, items: [{ version: 1, until: expect.any(Number) }] });
    await run('config', 'restore', '1');
    expect(text()).toContain('port: 1');
    await run('config', 'restore', '1');
    expect(text()).toContain('port: 2');
  });

  it('say what to do while there is nothing yet', async () => {
    expect((await run('config', 'history')).stdout).toContain('Nothing was changed yet.');
    expect(await run('config', 'diff')).toEqual({
      code: 0,
      stdout: 'Nothing was changed yet. Change a value: moltbot config set --help\n',
      stderr: '',
    });
    expect(await run('config', 'diff', '1')).toMatchObject({ code: 64 });
    expect(await run('config', 'restore', '1')).toMatchObject({ code: 64 });
  });
});

describe('config schema', () => {
  it('prints the published schema', async () => {
    const { stdout } = await run('config', 'schema');
    expect(JSON.parse(stdout)).toMatchObject({ title: 'moltbot.json', additionalProperties: false });
  });
});
