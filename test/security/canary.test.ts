import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { HealthStore } from '../../src/profiles/health-store.ts';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { findCanary } from '../fakes/canary.ts';
import { runCli, startCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliSetup, getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

type Failure = NonNullable<NonNullable<ScriptInput['rules']>[number]['fail']>;

let setup: CliSetup;
let env: Record<string, string>;
/** Everything that was printed or answered, by what it was. */
const texts: Record<string, string> = {};
beforeAll(async () => {
  // A key of this run alone: other tests type theirs into command lines.
  setup = await setUpCli({ log: { level: 'debug' } }, `canary-${process.pid}`);
  const temporary = join(setup.home.directory, 'tmp');
  mkdirSync(temporary);
  env = { TMPDIR: temporary, EDITOR: 'true', VISUAL: 'true' };
});
afterAll(() => setup[Symbol.asyncDispose]());

/** Where the key was found: in what was printed, and in every file below the home (temporary files too). */
function found(): string[] {
  return findCanary(setup.key, { directories: [setup.home.directory], texts });
}

/** Commands that go on until they are stopped. */
const ENDLESS = /^(demo|simulate|start|gateway (run|logs)|dashboard|audit tail)/;

/** Runs a command to its end, or until it has gone on long enough. */
async function say(
  command: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const child = startCli(setup.home, command, { ownSession: true, ...options, env: { ...env, ...options.env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const timer = setTimeout(() => child.kill('SIGTERM'), ENDLESS.test(command.join(' ')) ? 3_000 : 20_000);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return text;
}

/** A few at a time: each starts a process. */
async function sayAll(
  commands: readonly (readonly string[])[],
  prefix: string,
  options?: Parameters<typeof say>[1],
): Promise<void> {
  const left = [...commands.entries()];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, command] = next;
      texts[`${prefix} ${index}: ${command.join(' ').replaceAll(setup.key, 'KEY').slice(0, 60)}`] = await say(
        command,
        options,
      );
    }
  };
  await Promise.all([work(), work(), work()]);
}

const FAILURES: readonly Failure[] = [
  { kind: 'error', error: 'authentication' },
  { kind: 'error', error: 'permission' },
  { kind: 'error', error: 'rate_limit' },
  { kind: 'error', error: 'credit_too_low' },
  { kind: 'error', error: 'bad_gateway_html' },
  { kind: 'echo', where: 'error' },
  { kind: 'echo', where: 'error', encoding: 'base64' },
  { kind: 'echo', where: 'error', encoding: 'url' },
  { kind: 'echo', where: 'header' },
  { kind: 'echo', where: 'header', encoding: 'base64' },
  { kind: 'echo', where: 'event' },
  { kind: 'echo', where: 'body' },
  { kind: 'reset' },
  { kind: 'reset', afterEvents: 2 },
  { kind: 'truncate' },
  { kind: 'garbage' },
  { kind: 'stream-error' },
  { kind: 'redirect', location: 'http://127.0.0.1:9/' },
];

describe('the key', () => {
  it('is in no answer, no file and no process while requests fail in every way', async () => {
    const gateway = await runGateway(setup.home, env);
    const { token } = await getToken(setup.home);
    const database = Database.open(join(setup.home.stateDir, 'state.sqlite'));
    const health = new HealthStore(database);
    let watching = true;
    const seenInProcesses: string[] = [];
    const watch = (async () => {
      for (; watching; await sleep(100)) seenInProcesses.push(...processesWith(setup.key));
    })();
    for (const [index, fail] of FAILURES.entries()) {
      for (const stream of [false, true]) {
        setup.simulator.setScript({ rules: [{ fail }] });
        const response = await messages(gateway.url, token, { ...SMALL, stream });
        const body = await response.text().catch((error: Error) => error.message);
        texts[`answer ${index} ${stream}`] = `${JSON.stringify([...response.headers])}${body}`;
        // A profile that was refused is out of use: the next failure is to reach it, too.
        for (const state of health.list()) health.clear(state.agentId, state.profileId, state.model);
      }
    }
    setup.simulator.setScript({});
    for (const path of ['/healthz', '/readyz', '/', '/metrics', '/v1/self', '/v1/proxy/anthropic']) {
      texts[`answer of ${path}`] = await (await fetch(gateway.url + path)).text();
    }
    await say(['run', '--', process.execPath, '-e', 'setTimeout(() => {}, 500)']);
    watching = false;
    await watch;
    database.close();
    await gateway.kill();
    expect(setup.simulator.requests.length).toBeGreaterThan(FAILURES.length);
    expect(readFileSync(join(setup.home.stateDir, 'gateway.log'), 'utf8').length).toBeGreaterThan(1_000);
    expect([...new Set(seenInProcesses)]).toEqual([]);
    expect(found()).toEqual([]);
  });

  it('is not in the environment of a program that is run, whatever variable it stood in', async () => {
    const given = {
      ANTHROPIC_API_KEY: setup.key,
      OTHER_NAME: `Bearer ${setup.key}`,
      ANTHROPIC_CUSTOM_HEADERS: `x-api-key: ${setup.key}`,
    };
    const text = await say(
      ['run', '--', process.execPath, '-e', 'console.log(JSON.stringify([process.env, process.argv]))'],
      { env: given },
    );
    await runCli(setup.home, ['gateway', 'stop']);
    expect(text).toContain('ANTHROPIC_AUTH_TOKEN');
    texts['what a program was given'] = text;
    expect(found()).toEqual([]);
  });

  it('is shown by no command there is, for people and as JSON, before and after its credential is gone', async () => {
    const named: Record<string, readonly string[]> = {
      'config:get': ['models'],
      'models:auth:test': ['anthropic:default'],
      'models:auth:why': ['anthropic:default'],
      'backend:status': ['anthropic'],
      get: ['anthropic'],
      'models:auth:remove': ['anthropic:default', '--yes'],
    };
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8')) as {
      commands: object;
    };
    const ids = Object.keys(manifest.commands).sort();
    expect(ids.length).toBeGreaterThan(40);
    // These change what the others are to show, or go on until they are stopped and are shown elsewhere.
    const last = (id: string) => /remove|revoke|uninstall|unset|restore|demo|simulate|start|run$/.test(id);
    for (const when of [ids.filter((id) => !last(id)), ids.filter(last)]) {
      const commands = when.map((id) => [...id.split(':'), ...(named[id] ?? [])]);
      await sayAll(commands, 'command');
      await sayAll(
        commands.map((command) => [...command, '--json']),
        'command as JSON',
      );
    }
    expect(found()).toEqual([]);
  });

  it('is repeated by no command that got it in the wrong place', async () => {
    const { key } = setup;
    // biome-ignore format: one command a line reads better
    const commands = [
      [key], ['models', key], ['models', 'status', key], ['models', 'status', `--${key}`], ['models', 'status', '--agent', key],
      ['models', 'auth', 'setup-token', key], ['models', 'auth', 'setup-token', '--provider', 'anthropic', key], ['models', 'auth', 'paste-api-key', key],
      ['models', 'auth', 'paste-api-key', '--provider', key], ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--profile-id', key],
      ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--expires-in', key], ['models', 'auth', 'remove', key], ['models', 'auth', 'why', key],
      ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--base-url', `https://${key}@127.0.0.1/`],
      ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--base-url', `https://127.0.0.1/?key=${key}`],
      ['models', 'auth', 'order', 'set', '--provider', 'anthropic', key], ['models', 'set', key], ['models', 'aliases', 'add', key, key],
      ['get', key], ['get', 'anthropic', '--profile', key], ['get', 'anthropic', '--ttl', key], ['revoke', key], ['agents', 'add', `${key}!`], ['run', '--', key],
      ['config', 'get', key], ['config', 'set', 'log.level', key], ['config', 'set', 'auth.order.anthropic', key], ['config', 'set', key, '1'],
      ['backend', 'add', 'x', '--base-url', `https://user:${key}@example.com/`], ['backend', 'status', key], ['gateway', 'run', '--host', key],
      ['onboard', key], ['onboard', '--auth-choice', key], ['onboard', '--non-interactive', '--xai-api-key', key], ['onboard', '--non-interactive', '--profile-id', key],
    ];
    await sayAll(commands, 'wrong place');
    await sayAll(
      commands.map((command) => [...command, '--json']),
      'wrong place as JSON',
    );
    expect(found()).toEqual([]);
  });

  it('is repeated by no command that refuses it: wrong kind, refused, provider unreachable or broken', async () => {
    const paste = ['models', 'auth', 'paste-api-key', '--vault', 'file', '--provider'];
    const unreachable = ['--base-url', 'http://127.0.0.1:9'];
    const input = { input: setup.key, env: { MOLTBOT_DEBUG: '1' } };
    await sayAll(
      [
        [...paste, 'xai'],
        [...paste, 'openai'],
        ['models', 'auth', 'paste-token', '--provider', 'anthropic'],
      ],
      'wrong kind',
      input,
    );
    await sayAll(
      [
        [...paste, 'anthropic', ...unreachable],
        ['onboard', '--non-interactive', '--anthropic-api-key-stdin', ...unreachable],
      ],
      'unreachable',
      input,
    );
    for (const fail of FAILURES.filter(({ kind }) => ['error', 'echo', 'garbage', 'reset'].includes(kind))) {
      setup.simulator.setScript({ rules: [{ fail }] });
      const command = [...paste, 'anthropic', '--profile-id', 'anthropic:refused'];
      await sayAll([command, [...command, '--json']], `refused by ${JSON.stringify(fail)}`, input);
    }
    setup.simulator.setScript({});
    expect(found()).toEqual([]);
  });
});

/** Processes on this machine that have the text in their command line or environment. */
function processesWith(text: string): string[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) =>
    ['cmdline', 'environ'].flatMap((file) =>
      contentOf(`/proc/${pid}/${file}`).includes(text) ? [`${file} of ${contentOf(`/proc/${pid}/comm`)}`] : [],
    ),
  );
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // ended, or another user's
  }
}
