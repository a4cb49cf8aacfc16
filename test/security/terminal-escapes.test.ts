import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliSetup, getToken, messages, providersAt, runGateway, setUpCli, writeConfig } from './cli-gateway.ts';

/** Clears a screen, sets a title, forges a line, turns text around, in C0, C1 and bidirectional marks. */
const EVIL = '\x1b[2J\x1b]0;owned\x07\x9b31m\nfake: line\r\u202egpj\u2028\u200f';
/** All that may control a terminal, but for the line feed that ends our own lines. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

let setup: CliSetup;
beforeAll(async () => {
  setup = await setUpCli();
});
afterAll(() => setup[Symbol.asyncDispose]());

async function printed(command: readonly string[], input?: string): Promise<string> {
  const { stdout, stderr } = await runCli(setup.home, command, input === undefined ? {} : { input });
  return stdout + stderr;
}

function expectHarmless(text: string): void {
  expect(text).not.toMatch(CONTROL);
  expect(text).not.toMatch(/^fake: line/m);
}

describe('what a person typed or pasted', () => {
  // biome-ignore format: one command a line reads better
  it.each<readonly string[]>([
    ['agents', 'add', EVIL], ['agents', 'remove', EVIL], ['models', 'set', EVIL], ['models', 'set', `anthropic/${EVIL}`], ['models', 'list', '--provider', EVIL],
    ['models', 'aliases', 'add', EVIL, 'anthropic/claude-haiku-4-5'], ['models', 'aliases', 'add', 'x', EVIL], ['models', 'fallbacks', 'add', EVIL],
    ['models', 'auth', 'order', 'set', '--provider', 'anthropic', EVIL], ['models', 'auth', 'remove', EVIL], ['models', 'auth', 'why', `anthropic:${EVIL}`],
    ['models', 'auth', 'paste-api-key', '--provider', EVIL], ['models', 'status', '--agent', EVIL], ['config', 'get', EVIL], ['config', 'set', EVIL, '1'],
    ['config', 'set', 'log.level', EVIL], ['config', 'set', `agents.defaults.models["${EVIL}"].alias`, '1'], ['get', EVIL], ['get', 'anthropic', '--ttl', EVIL],
    ['get', 'anthropic', '--profile', EVIL], ['revoke', EVIL], ['backend', 'status', EVIL], ['backend', 'add', EVIL, '--base-url', EVIL], ['run', '--', EVIL],
    ['gateway', 'run', '--host', EVIL], [EVIL], ['models', EVIL], ['models', 'status', `--${EVIL}`], ['models', 'status', EVIL], ['env', '--shell', EVIL],
  ])('is shown escaped: %j', async (...command) => {
    const text = await printed(command);
    expect(text).not.toBe('');
    expectHarmless(text);
  });

  it('is shown escaped as the label of a token of a program that was run', async () => {
    const program = join(setup.home.directory, `evil${EVIL.replaceAll('/', '')}`);
    writeFileSync(program, `#!${process.execPath}\nrequire('node:timers').setTimeout(() => {}, 3000);\n`, {
      mode: 0o755,
    });
    const run = runCli(setup.home, ['run', '--', program]);
    let active = '';
    for (let tries = 0; tries < 20 && !active.includes('evil'); tries++) active = await printed(['active']);
    expect(active).toContain('evil');
    expectHarmless(active);
    const { stdout, stderr } = await run;
    expectHarmless(stdout + stderr);
    await runCli(setup.home, ['gateway', 'stop']);
  });

  it('is shown escaped when it was pasted as a secret', async () => {
    expectHarmless(await printed(['models', 'auth', 'paste-api-key', '--provider', 'anthropic'], EVIL));
  });
});

describe('what a provider answered', () => {
  it('is shown escaped by every command that repeats it', async () => {
    setup.simulator.setScript({
      rules: [{ fail: { kind: 'error', error: 'permission', message: EVIL, headers: { 'x-y': 'z' } } }],
    });
    for (const command of [
      ['models', 'auth', 'test', 'anthropic:default'],
      ['models', 'status', '--probe'],
      ['backend', 'status', 'anthropic'],
    ]) {
      expectHarmless(await printed(command));
    }
    expectHarmless(
      await printed(
        ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--profile-id', 'anthropic:other'],
        setup.key,
      ),
    );
    const gateway = await runGateway(setup.home);
    const { token } = await getToken(setup.home);
    await (await messages(gateway.url, token, SMALL)).text();
    for (const command of [
      ['models', 'status'],
      ['models', 'auth', 'why', 'anthropic:default'],
      ['gateway', 'logs'],
      ['active'],
    ]) {
      expectHarmless(await printed(command));
    }
    await gateway.kill();
    setup.simulator.setScript({});
  });
});

describe('what a client sent', () => {
  it('is shown escaped in answers and in the log', async () => {
    const gateway = await runGateway(setup.home);
    const { token } = await getToken(setup.home);
    const texts: string[] = [];
    for (const model of [EVIL, `anthropic/${EVIL}`]) {
      const response = await messages(gateway.url, token, { ...SMALL, model });
      const body = await response.text();
      // A provider's own answer passes as it is; ours is one we wrote.
      if (response.headers.has('x-moltbot-error')) texts.push(JSON.parse(body).error.message);
    }
    texts.push(await printed(['gateway', 'logs']));
    for (const text of texts) expectHarmless(text);
    await gateway.kill();
  });
});

describe('what a config holds', () => {
  it('is shown escaped, in good configs and in wrong ones', async () => {
    const { home, simulator } = setup;
    const providers = providersAt(simulator);
    const good = { vault: { kind: 'file' }, models: { providers } };
    const configs: object[] = [
      {
        ...good,
        agents: {
          defaults: {
            model: { primary: `anthropic/${EVIL}`, fallbacks: [EVIL] },
            models: { [`anthropic/${EVIL}`]: { alias: EVIL } },
          },
        },
      },
      { ...good, [EVIL]: 1 },
      { ...good, log: { level: EVIL } },
      { ...good, models: { providers: { ...providers, [EVIL]: { baseUrl: 'http://127.0.0.1:1' } } } },
      { ...good, models: { providers: { anthropic: { baseUrl: `http://127.0.0.1/${EVIL}` } } } },
      { ...good, agents: { list: [{ id: EVIL }] } },
      { ...good, env: { [EVIL]: EVIL } },
    ];
    for (const config of configs) {
      writeConfig(home, config as Record<string, unknown>);
      for (const command of [
        ['models', 'status'],
        ['models', 'list'],
        ['models', 'aliases', 'list'],
        ['models', 'fallbacks', 'list'],
        ['config', 'validate'],
        ['backend', 'list'],
      ]) {
        expectHarmless(await printed(command));
      }
    }
    writeFileSync(join(home.stateDir, 'moltbot.json'), `{ ${EVIL} `);
    expectHarmless(await printed(['config', 'validate']));
    writeConfig(home, good);
  });
});
