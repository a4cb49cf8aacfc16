import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { hasTmux, openTerminal } from '../fakes/terminal.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const connect = (...args: string[]) => runCli(home, ['connect', ...args]);
const json = async (...args: string[]) => {
  const { code, stdout } = await connect(...args, '--json');
  return { code, ...JSON.parse(stdout) };
};
const at = (...names: string[]) => join(home.directory, ...names);
const settings = () => at('.claude', 'settings.json');
const read = (file = settings()) => readFileSync(file, 'utf8');
const write = (text: string, file = settings(), mode = 0o644) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
};

describe('connect', () => {
  it('shows what it will write, writes it, and says what is still missing', async () => {
    const { code, stdout, stderr } = await connect('claude', '--yes');
    const helper = `/usr/bin/env MOLTBOT_HOME=${home.stateDir} ${process.execPath} ${PROGRAM} get anthropic`;
    const baseUrl = 'http://127.0.0.1:8400/v1/proxy/anthropic';
    expect({ code, settings: JSON.parse(read()) }).toEqual({
      code: 0,
      settings: {
        env: { ANTHROPIC_BASE_URL: baseUrl, CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '300000' },
        apiKeyHelper: helper,
      },
    });
    expect(stdout).toMatch(
      /^Connected Claude Code to http:\/\/127\.0\.0\.1:8400 in .* \(agent main, gateway host .*\)\.\nStart it: claude\n$/,
    );
    expect(stderr.split('\n')).toEqual([
      `${settings()} (new)`,
      `  + env.ANTHROPIC_BASE_URL: "${baseUrl}"`,
      '  + env.CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "300000"',
      `  + apiKeyHelper: "${helper}"`,
      'Note: No gateway runs now. Start it: moltbot gateway start, or at every login: moltbot gateway install',
      "Note: The gateway's port is not fixed: if it starts on another one, Claude Code does not find it. Fix it: moltbot config set gateway.port 8400",
      expect.stringMatching(/^Note: No API key found for provider "anthropic" \(agent "main"\)\./),
      '',
    ]);
  });

  it('asks for a yes where nobody can be asked, and writes nothing without it', async () => {
    const { code, stdout, stderr } = await connect('claude');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('Say yes on the command line: --yes');
    expect([existsSync(settings()), existsSync(join(home.stateDir, 'connections'))]).toEqual([false, false]);
  });

  it.runIf(hasTmux())('takes no for an answer at a terminal', async () => {
    const terminal = openTerminal(home, ['connect', 'claude']);
    await terminal.shows(/\+ apiKeyHelper[\s\S]*Write that\?/);
    terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(130);
    terminal.close();
    expect(existsSync(settings())).toBe(false);
  });

  it('does the same twice as once, and follows the agent and the port', async () => {
    write('{ "model": "x" }');
    await runCli(home, ['agents', 'add', 'reviewer']);
    await connect('claude', '--yes');
    const once = read();
    expect(await json('claude', '--yes')).toMatchObject({ code: 0, changed: false, settings: [] });
    expect(read()).toBe(once);
    await runCli(home, ['config', 'set', 'gateway.port', '8411']);
    expect(await json('claude', '--yes', '--agent', 'reviewer')).toMatchObject({
      changed: true,
      agentId: 'reviewer',
      settings: ['env.ANTHROPIC_BASE_URL', 'apiKeyHelper'],
    });
    expect(JSON.parse(read())).toMatchObject({
      env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:8411/v1/proxy/anthropic' },
      apiKeyHelper: expect.stringMatching(/ get anthropic --agent reviewer$/),
    });
    await connect('claude', '--undo');
    expect(read()).toBe('{ "model": "x" }');
  });

  it('quotes a path for the shell that the client starts', async () => {
    const folder = at('with \'quote" and $space');
    mkdirSync(folder, { mode: 0o700 });
    await runCli(home, ['connect', 'claude', '--yes'], { env: { MOLTBOT_HOME: folder } });
    const { apiKeyHelper } = JSON.parse(read()) as { apiKeyHelper: string };
    expect(apiKeyHelper).toContain(`'MOLTBOT_HOME=${folder.replace("'", "'\\''")}'`);
  });

  it('says moltbot where that is this program on the PATH', async () => {
    mkdirSync(at('bin'));
    symlinkSync(PROGRAM, at('bin', 'moltbot'));
    await runCli(home, ['connect', 'claude', '--yes'], { env: { PATH: `${at('bin')}:${process.env.PATH}` } });
    expect(JSON.parse(read()).apiKeyHelper).toBe(`/usr/bin/env MOLTBOT_HOME=${home.stateDir} moltbot get anthropic`);
  });

  it('writes through a link and keeps it', async () => {
    write('{}', at('dotfiles', 'claude.json'));
    mkdirSync(at('.claude'));
    symlinkSync('../dotfiles/claude.json', settings());
    await connect('claude', '--yes');
    expect(lstatSync(settings()).isSymbolicLink()).toBe(true);
    expect(JSON.parse(read(at('dotfiles', 'claude.json')))).toHaveProperty('apiKeyHelper');
    await connect('claude', '--undo');
    expect([lstatSync(settings()).isSymbolicLink(), read()]).toEqual([true, '{}']);
  });

  it('takes out of the way what would win, only when told to, and never shows it', async () => {
    const canary = `sk-ant-sim-${'c4'.repeat(30)}`;
    const original = JSON.stringify({
      apiKeyHelper: `TOKEN=${canary} vault-login --key ${canary}`,
      env: { ANTHROPIC_API_KEY: canary },
    });
    write(original);
    const refused = await connect('claude', '--yes');
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain(
      'Claude Code is set up otherwise: apiKeyHelper (vault-login …), env.ANTHROPIC_API_KEY (…).',
    );
    expect(read()).toBe(original);
    const { stdout, stderr } = await connect('claude', '--yes', '--replace');
    expect(JSON.parse(read()).env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(findCanary(canary, { texts: { stdout, stderr, refused: refused.stderr } })).toEqual([]);
    const records = join(home.stateDir, 'connections');
    expect(readdirSync(records).map((name) => statSync(join(records, name)).mode & 0o777)).toEqual([0o600]);
    await connect('claude', '--undo');
    expect(read()).toBe(original);
  });

  it.each([
    ['claude', '.claude/settings.json', '{ "env": ', 'JSON'],
    ['claude', '.claude/settings.json', '[]', 'JSON'],
    ['codex', '.codex/config.toml', 'model = ', 'TOML'],
  ])('leaves a file of %s alone that cannot be read: %s %j', async (client, name, text, format) => {
    write(text, at(name));
    expect(await json(client, '--yes')).toMatchObject({
      code: 78,
      error: { code: 'CONFIG_INVALID', message: `${at(name)} is not valid ${format}, so it is left alone.` },
    });
    expect([read(at(name)), existsSync(join(home.stateDir, 'connections'))]).toEqual([text, false]);
  });

  it('keeps nothing where the file cannot be written', async () => {
    const env = { CLAUDE_CONFIG_DIR: '/proc/nowhere' };
    const { code, stderr } = await runCli(home, ['connect', 'claude', '--yes'], { env });
    expect([code, stderr]).toEqual([77, expect.stringContaining('/proc/nowhere/settings.json cannot be written')]);
    expect(readdirSync(join(home.stateDir, 'connections'))).toEqual([]);
  });

  it('says which settings and variables win over its own', async () => {
    write('{"env":{"ANTHROPIC_BASE_URL":"http://elsewhere"}}', at('project', '.claude', 'settings.local.json'));
    const { stderr } = await runCli(home, ['connect', 'claude', '--yes'], {
      cwd: at('project'),
      env: { ANTHROPIC_AUTH_TOKEN: 'x' },
    });
    expect(stderr).toContain('project/.claude/settings.local.json sets env.ANTHROPIC_BASE_URL, which wins there.');
    expect(stderr).toContain('ANTHROPIC_AUTH_TOKEN is set in this shell, and Claude Code prefers it to its settings');
    write('profile = "work"\n[profiles.work]\nmodel_provider = "corp"\n', at('.codex', 'config.toml'));
    expect((await connect('codex', '--yes')).stderr).toContain('sets profiles.work.model_provider, which wins');
  });

  it('does not warn of its own settings under run', async () => {
    await runCli(home, ['config', 'set', 'gateway.port', '0']);
    await runCli(home, ['gateway', 'start']);
    await connect('claude', '--yes');
    write('#!/bin/sh\n', at('claude'), 0o755);
    const { stderr } = await runCli(home, ['run', '--', at('claude')]);
    await runCli(home, ['gateway', 'stop']);
    expect(stderr).not.toContain('env.ANTHROPIC_BASE_URL');
  });

  it('leads Codex there by a provider of its own that gets its token by a command', async () => {
    const original = '# mine\nmodel = "gpt-5"\n\n[tools]\nweb_search = true\n';
    write(original, at('.codex', 'config.toml'), 0o640);
    await connect('codex', '--yes');
    expect(read(at('.codex', 'config.toml'))).toBe(`# mine
model = "gpt-5"
model_provider = "moltbot"

[tools]
web_search = true

[model_providers.moltbot]
name = "moltbot"
base_url = "http://127.0.0.1:8400/v1/proxy/openai/v1"
wire_api = "responses"

[model_providers.moltbot.auth]
command = "/usr/bin/env"
args = ["MOLTBOT_HOME=${home.stateDir}", "${process.execPath}", "${PROGRAM}", "get", "openai"]
timeout_ms = 20000
refresh_interval_ms = 300000
`);
    await connect('codex', '--undo');
    expect([read(at('.codex', 'config.toml')), statSync(at('.codex', 'config.toml')).mode & 0o777]).toEqual([
      original,
      0o640,
    ]);
  });

  it('leads OpenCode there for the providers that the agent has a credential for', async () => {
    write('{ /* mine */ "theme": "x" }\n', at('.config', 'opencode', 'opencode.jsonc'));
    const env = { XAI_API_KEY: 'xai-sim-in-the-environment' };
    const { stdout } = await runCli(home, ['connect', 'opencode', '--yes'], { env });
    expect(stdout).toContain('Start it: moltbot run -- opencode\n');
    const text = read(at('.config', 'opencode', 'opencode.jsonc'));
    expect(text).toContain('{ /* mine */ "theme": "x", "provider": {');
    expect(text).toContain('"baseURL": "http://127.0.0.1:8400/v1/proxy/xai/v1", "apiKey": "{env:OPENAI_API_KEY}"');
    await connect('opencode', '--undo');
    expect(read(at('.config', 'opencode', 'opencode.jsonc'))).toBe('{ /* mine */ "theme": "x" }\n');
  });
});

describe('a connected client', () => {
  const findings = async () => {
    const { stdout } = await runCli(home, ['doctor', '--json']);
    const { items } = JSON.parse(stdout) as { items: { check: string; message: string; remedy?: string }[] };
    return items.filter(({ check }) => check === 'clients').map(({ message, remedy }) => [message, remedy]);
  };

  it('is looked at by doctor, which says when the gateway has moved', async () => {
    expect(await findings()).toEqual([]);
    await connect('claude', '--yes');
    expect(await findings()).toEqual([[`Claude Code is connected by ${settings()}.`, undefined]]);
    await runCli(home, ['config', 'set', 'gateway.port', '8411']);
    expect(await findings()).toEqual([
      ['Claude Code is not told where the gateway is now: env.ANTHROPIC_BASE_URL.', 'moltbot connect claude'],
    ]);
  });

  it('is named by env, whose token would be a second one', async () => {
    expect((await runCli(home, ['env'])).stderr).not.toContain('Claude Code is connected');
    await connect('claude', '--yes');
    expect((await runCli(home, ['env'])).stderr).toContain('Claude Code is connected by its own settings');
  });
});

describe('connecting OpenCode once more', () => {
  it('leaves out the provider that the agent has no credential for any more', async () => {
    const [xai, openai] = [
      { XAI_API_KEY: 'xai-sim-in-the-environment' },
      { OPENAI_API_KEY: 'sk-sim-in-the-environment' },
    ];
    await runCli(home, ['connect', 'opencode', '--yes'], { env: { ...xai, ...openai } });
    await runCli(home, ['connect', 'opencode', '--yes'], { env: openai });
    const { provider } = JSON.parse(read(at('.config', 'opencode', 'opencode.json'))) as { provider: object };
    expect(Object.keys(provider)).toEqual(['openai']);
    const { stdout } = await runCli(home, ['connect', 'opencode', '--yes'], { env: openai });
    expect(stdout).toMatch(/^Nothing to change/);
  });
});

describe('connect --undo', () => {
  it('removes a file that was not there', async () => {
    await connect('codex', '--yes');
    expect(await json('codex', '--undo')).toMatchObject({ code: 0, changed: true, outcome: 'removed', left: [] });
    expect([existsSync(at('.codex', 'config.toml')), readdirSync(join(home.stateDir, 'connections'))]).toEqual([
      false,
      [],
    ]);
  });

  it('takes out its own settings only, where the file was edited since', async () => {
    write('{\n  // why\n  "apiKeyHelper": "mine", "env": { "A": "1" }\n}\n');
    await connect('claude', '--yes', '--replace');
    write(read().replace('// why', '// why not').replace('"A": "1"', '"A": "2"'));
    const { stdout } = await connect('claude', '--undo');
    expect(stdout).toContain("was edited since: only moltbot's settings were taken out");
    expect(read()).toBe('{\n  // why not\n  "apiKeyHelper": "mine", "env": { "A": "2" }\n}\n');
  });

  it('leaves what somebody changed since, and names it', async () => {
    await connect('claude', '--yes');
    write(JSON.stringify({ ...JSON.parse(read()), apiKeyHelper: 'theirs' }));
    expect(await json('claude', '--undo')).toMatchObject({ outcome: 'taken out', left: ['apiKeyHelper'] });
    expect(JSON.parse(read())).toEqual({ apiKeyHelper: 'theirs' });
  });

  it('keeps what was edited since, when the client is connected once more before', async () => {
    write('{ "a": 1 }');
    await connect('claude', '--yes');
    write(read().replace('"a": 1', '"a": 2'));
    await runCli(home, ['config', 'set', 'gateway.port', '8411']);
    await connect('claude', '--yes');
    await connect('claude', '--undo');
    expect(read()).toBe('{ "a": 2 }');
  });

  it('says so when there is nothing to give back', async () => {
    expect(await json('claude', '--undo')).toMatchObject({ code: 0, changed: false, outcome: 'not connected' });
    await connect('claude', '--yes');
    rmSync(settings());
    expect(await json('claude', '--undo')).toMatchObject({ changed: true, outcome: 'gone' });
    expect(existsSync(settings())).toBe(false);
  });

  it('gives back the file that was written, wherever the client looks now', async () => {
    await connect('claude', '--yes');
    const env = { CLAUDE_CONFIG_DIR: at('other') };
    const elsewhere = await runCli(home, ['connect', 'claude', '--yes'], { env });
    expect([elsewhere.code, elsewhere.stderr]).toEqual([
      64,
      `Claude Code is connected by another file: ${settings()}.\nGive that one back first: moltbot connect claude --undo\n`,
    ]);
    await runCli(home, ['connect', 'claude', '--undo'], { env });
    expect(existsSync(settings())).toBe(false);
  });
});
