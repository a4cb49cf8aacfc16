import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliSetup, messages, setUpCli } from '../security/cli-gateway.ts';

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
const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC';

function contents(): string[][] {
  return readdirSync(cli.home.stateDir)
    .filter((name) => !/-(shm|wal)$/.test(name) && statSync(join(cli.home.stateDir, name)).isFile())
    .map((name) => [name, readFileSync(join(cli.home.stateDir, name), 'base64')]);
}

async function startedGateway() {
  const { url } = await json('gateway', 'start', '--port', '0');
  const { token } = await json('get', 'anthropic');
  return async () => {
    const answer = await messages(url, token, SMALL);
    await answer.text();
    return { status: answer.status, requestId: answer.headers.get('x-moltbot-request-id')! };
  };
}

describe('moltbot why', () => {
  it('names a usable agent, then the gateway that is not there and how it ended', async () => {
    expect(await json('why')).toEqual({
      code: 3,
      schemaVersion: 1,
      agentId: 'main',
      usable: false,
      gate: { name: 'gateway', why: 'No gateway runs. Start it with: moltbot gateway start' },
      stopping: ['gateway'],
      pause: null,
      cause: null,
      nextAt: null,
      unusableProfiles: [],
      command: 'moltbot gateway start',
    });
    await startedGateway();
    expect(await run('why')).toEqual({
      code: 0,
      stdout: 'Agent "main" can work: no closed gate stops its next request.\nType: moltbot run -- claude\n',
      stderr: '',
    });
    await run('gateway', 'stop');
    const { code, stdout } = await run('why', 'main');
    expect([code, stdout]).toEqual([
      3,
      expect.stringMatching(
        new RegExp(
          `^Agent "main" is stuck at the gate gateway: No gateway runs\\.\nLast cause: The last one stopped at ${time}\\.\nIt does not end by itself\\.\nType: moltbot gateway start\n$`,
        ),
      ),
    ]);
  });

  it('gives the command that opens what a person or a policy closed, and it does', async () => {
    const ask = await startedGateway();
    await run('agents', 'add', 'narrow', '--can', 'xai', '--models', 'xai/*');
    await run('models', 'set', 'anthropic/claude-haiku-4-5');
    await run('pause', '--reason', 'too dear');
    const paused = await json('why');
    expect(paused).toMatchObject({
      code: 3,
      gate: { name: 'agent' },
      cause: { at: expect.any(Number), sentence: expect.stringMatching(new RegExp(`^Paused at ${time} by .+\\.$`)) },
      command: 'moltbot resume --agent main',
    });
    const refused = await ask();
    expect(refused.status).toBe(402);
    await run(...paused.command.split(' ').slice(1));
    const { code, usable, cause } = await json('why');
    expect([code, usable, cause.sentence]).toEqual([0, true, expect.stringContaining('AGENT_PAUSED')]);
    expect(await json('why', refused.requestId)).toMatchObject({
      code: 0,
      agentId: 'main',
      attempts: [],
      refused: 'AGENT_PAUSED',
      sentences: [expect.stringMatching(/the gateway refused a request of main \(code: AGENT_PAUSED, gate: agent/)],
      command: 'moltbot why main',
    });
    expect(await json('why', 'narrow')).toMatchObject({
      code: 3,
      gate: { name: 'model' },
      stopping: ['model', 'provider:anthropic'],
      command: 'moltbot agents set narrow --models any',
    });
    expect(await json('why', 'nobody')).toMatchObject({
      gate: { name: 'agent' },
      command: 'moltbot agents add nobody',
    });
  });

  it('says which answer cooled a profile down, until when, and each attempt of the request it was', async () => {
    cli.simulator.setScript({
      rules: [
        { credential: 'default', fail: { kind: 'error', error: 'rate_limit', headers: { 'retry-after': '600' } } },
      ],
    });
    const ask = await startedGateway();
    const { requestId, status } = await ask();
    const usable = await run('why');
    expect([usable.code, usable.stdout]).toEqual([
      0,
      expect.stringMatching(
        /can work.*\nBut its last request went wrong: .*rate limited 429 .*\nUnusable now\nanthropic:default for claude-haiku-4-5: cooldown/,
      ),
    ]);
    await run('models', 'set', 'anthropic/claude-haiku-4-5');
    const why = await json('why');
    expect([status, why.code, why.gate.name, why.command]).toEqual([
      429,
      3,
      'credential:anthropic',
      'moltbot models auth reset anthropic:default',
    ]);
    expect(why.cause.sentence).toMatch(/cooling down.*rate limited\. The provider answered 429 rate_limit_error/);
    expect(why.nextAt - Date.now()).toBeGreaterThan(500_000);
    expect((await run('why')).stdout).toMatch(/\nIt may work again in (9|10) min, at /);
    const request = await json('why', requestId);
    expect(request).toMatchObject({ code: 0, agentId: 'main', command: 'moltbot models auth why anthropic:default' });
    expect(request.sentences[0]).toMatch(
      new RegExp(`^At ${time} agent "main" asked anthropic for claude-haiku-4-5 \\((v1/)?messages\\)\\.$`),
    );
    expect(request.sentences[1]).toMatch(
      /^Attempt 1 with anthropic:default: rate limited, HTTP 429, after [\d,]+ m?s\. It used nothing\.$/,
    );
    cli.simulator.setScript({});
    await run(...why.command.split(' ').slice(1));
    const answered = await ask();
    const { stdout } = await run('why', answered.requestId);
    expect(stdout).toMatch(
      /\nAttempt 1 with anthropic:default: ok, HTTP 200, after \d+ m?s\. It used \d+ tokens in, \d+ out\. It cost \$0\.\d{6} simulated\.\nType: moltbot requests show mbr_/,
    );
  });

  it('changes no content, and works while the vault is locked', async () => {
    await startedGateway();
    await run('gateway', 'stop');
    renameSync(join(cli.home.directory, 'vault.key'), join(cli.home.directory, 'gone'));
    const before = contents();
    for (const args of [['why'], ['why', 'nobody'], ['why', 'mbr_none']]) await run(...args);
    expect([contents(), (await json('why')).gate.name]).toEqual([before, 'gateway']);
  });

  it('names a credential that has expired and a request that nobody knows', async () => {
    await startedGateway();
    const database = Database.open(join(cli.home.stateDir, 'state.sqlite'));
    database.run(`UPDATE profiles SET type = 'token', expires_at_ms = 1000`);
    database.close();
    expect(await json('why')).toMatchObject({
      code: 3,
      gate: { name: 'credential:anthropic', why: 'anthropic:default expired' },
      command: 'moltbot models auth replace anthropic:default',
    });
    expect(await json('why', 'mbr_none')).toMatchObject({ code: 1, error: { code: 'REQUEST_NOT_FOUND' } });
    expect(await json('why', 'main', '--agent', 'main')).toMatchObject({ code: 64, error: { code: 'USAGE' } });
  });
});

describe('moltbot why, before anything is set up', () => {
  let home: CliHome;
  beforeEach(() => {
    home = cliHome();
  });
  afterEach(() => home.remove());

  it('leads to the first credential', async () => {
    const { code, stdout } = await runCli(home, ['why']);
    expect([code, stdout.split('\n')]).toEqual([
      3,
      [
        'Agent "main" is stuck at the gate credential: There is no credential for agent "main" and no default model.',
        'Closed, too: gateway.',
        'It does not end by itself.',
        'Type: moltbot onboard',
        '',
      ],
    ]);
  });
});
