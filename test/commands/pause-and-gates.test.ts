import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { runCli } from '../fakes/cli.ts';
import { hasTmux, openTerminal } from '../fakes/terminal.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliSetup, setUpCli } from '../security/cli-gateway.ts';

let cli: CliSetup;
beforeEach(async () => {
  cli = await setUpCli();
});
afterEach(() => cli[Symbol.asyncDispose]());

const run = (...args: string[]) => runCli(cli.home, args);
const json = async (...args: string[]) => {
  const { code, stdout } = await run(...args, '--json');
  return { code, ...JSON.parse(stdout) };
};
const post = (url: string, token: string) =>
  fetch(`${url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(SMALL),
  });

function setGuard(): void {
  using database = Object.assign(Database.open(join(cli.home.stateDir, 'state.sqlite')), {
    [Symbol.dispose]() {
      database.close();
    },
  });
  new Guard(database).set(new Secret('open sesame'));
}

describe('pause and resume', () => {
  it('stop a running gateway from serving and let it go on; every gate is shown by name', async () => {
    const { url } = await json('gateway', 'start', '--port', '0');
    const { token } = await json('get', 'anthropic');
    expect((await post(url, token)).status).toBe(200);
    expect(await json('gates')).toMatchObject({ code: 0, agentId: 'main', stopping: [] });

    expect(await json('pause', '--reason', 'too expensive')).toMatchObject({ code: 0, agentId: 'main', changed: true });
    expect(await json('pause')).toMatchObject({ code: 0, changed: false });
    const refused = await post(url, token);
    expect([refused.status, refused.headers.get('x-moltbot-gate')]).toEqual([402, 'agent']);
    const gates = await json('gates');
    expect([gates.code, gates.stopping]).toEqual([3, ['agent']]);
    expect(gates.items).toContainEqual({
      name: 'agent',
      open: false,
      why: 'Agent "main" is paused by a person: too expensive. Open it with: moltbot resume --agent main',
    });
    expect((await json('models', 'status', '--check')).code).toBe(3);
    for (const command of [
      ['models', 'status'],
      ['gateway', 'status'],
    ]) {
      const { stdout } = await run(...command);
      expect(stdout).toContain('is paused by a person: too expensive. Open it with: moltbot resume --agent main');
    }
    expect((await json('gateway', 'status')).gates).toEqual(gates.items);
    expect((await json('agents', 'show', 'main')).pause).toMatchObject({ reason: 'too expensive' });

    expect(await json('pause', '--all')).toMatchObject({ agentId: '*', changed: true });
    expect(await json('resume')).toMatchObject({ code: 0, paused: true, changed: true });
    expect((await post(url, token)).status).toBe(402);
    expect(await json('resume', '--all')).toMatchObject({ paused: false, changed: true });
    expect((await post(url, token)).status).toBe(200);
    expect((await json('gates')).code).toBe(0);
  });
});

describe('gates', () => {
  it('closed by a policy say what opens them', async () => {
    await run('agents', 'add', 'narrow', '--can', 'xai', '--models', 'xai/*', '--rpm', '5', '--concurrency', '2');
    await run('models', 'set', 'anthropic/claude-haiku-4-5');
    const { code, items, stopping } = await json('gates', '--agent', 'narrow');
    expect([code, stopping]).toEqual([3, ['gateway', 'model', 'provider:anthropic']]);
    const why = Object.fromEntries(items.map((gate: { name: string; why: string }) => [gate.name, gate.why]));
    expect(why['provider:anthropic']).toBe(
      'Agent "narrow" may not use the provider "anthropic". Open it with: moltbot agents set narrow --can anthropic',
    );
    expect(why.limit).toBe('At most 5 requests a minute, 2 at a time.');
    const { stdout } = await run('gates', '--agent', 'narrow');
    expect(stdout).toMatch(/^GATE +STATE +WHY\ngateway +CLOSED +No gateway runs\./);
  });

  it('of an agent that is not there say how to add it', async () => {
    const { code, items } = await json('gates', '--agent', 'nobody');
    expect([code, items[1]]).toEqual([
      3,
      { name: 'agent', open: false, why: 'There is no agent "nobody" yet. Add it with: moltbot agents add nobody' },
    ]);
  });
});

describe('get', () => {
  it('makes a token that is limited as its flags say, and the gateway holds it to that', async () => {
    const { url } = await json('gateway', 'start', '--port', '0');
    const limits = [
      '--models',
      'anthropic/claude-haiku-4-5',
      '--rpm',
      '9',
      '--concurrency',
      '2',
      '--routes',
      'generate',
    ];
    const got = await json('get', 'anthropic', '--uses', '1', ...limits);
    expect(got).toMatchObject({
      code: 0,
      usesLeft: 1,
      policy: {
        models: ['anthropic/claude-haiku-4-5'],
        routes: ['generate'],
        requestsPerMinute: 9,
        concurrency: 2,
      },
    });
    const [first, second] = [await post(url, got.token), await post(url, got.token)];
    expect([first.status, second.headers.get('x-moltbot-error')]).toEqual([200, 'TOKEN_USED_UP']);
  });
});

describe('with a guard passphrase', () => {
  it('what widens is refused without a terminal, what narrows is not', async () => {
    await run('agents', 'add', 'narrow', '--rpm', '5');
    setGuard();
    for (const command of [
      ['resume'],
      ['get', 'anthropic', '--agent', 'narrow'],
      ['env', '--agent', 'narrow'],
      ['agents', 'set', 'narrow', '--rpm', '6'],
      ['agents', 'set', 'narrow', '--rpm', 'any'],
    ]) {
      const refused = await json(...command);
      expect([command, refused.code, refused.error?.code]).toEqual([command, 77, 'GUARD_REFUSED']);
    }
    const { code } = await run('run', '--agent', 'narrow', '--', process.execPath, '-e', '0');
    expect(code).toBe(77);
    for (const command of [
      ['agents', 'set', 'narrow', '--rpm', '4', '--can', 'anthropic'],
      ['get', 'anthropic'],
      ['pause', '--all'],
      ['revoke', '--all'],
      ['agents', 'remove', 'narrow', '--yes'],
    ])
      expect([command, (await json(...command)).code]).toEqual([command, 0]);
  });

  it.skipIf(!hasTmux())('a person at a terminal types it', async () => {
    await run('pause');
    setGuard();
    const terminal = openTerminal(cli.home, ['resume']);
    try {
      await terminal.shows(/Guard passphrase, to resume the agent main:/);
      terminal.press('open sesame', 'Enter');
      await terminal.shows(/Resumed the agent main/);
      expect(await terminal.exitCode()).toBe(0);
    } finally {
      terminal.close();
    }
  });
});
