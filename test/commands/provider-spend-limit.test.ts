import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckedClient } from '../fakes/checked-client.ts';
import { cliHome, runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import {
  type CliGateway,
  type CliSetup,
  getToken,
  messages,
  providersAt,
  runGateway,
  setUpCli,
  writeConfig,
} from '../security/cli-gateway.ts';

const TIME = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC';
const UNPAID = { fail: { kind: 'error', error: 'billing' } } as const;
const PROFILES = ['anthropic:default', 'anthropic:second'];

let cli: CliSetup;
let gateway: CliGateway;
beforeEach(async () => {
  cli = await setUpCli();
  const input = cli.simulator.issueKey('anthropic', 'second');
  await run('models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--profile-id', 'anthropic:second', input);
  gateway = await runGateway(cli.home);
});
afterEach(() => cli[Symbol.asyncDispose]());

/** The last word is given on stdin where a key is to be pasted. */
function run(...args: string[]) {
  return args.includes('paste-api-key')
    ? runCli(cli.home, args.slice(0, -1), { input: args.at(-1)! })
    : runCli(cli.home, args);
}

const json = async (...args: string[]) => {
  const { code, stdout } = await run(...args, '--json');
  return { code, ...JSON.parse(stdout) };
};

async function ask(): Promise<number> {
  const { token } = await getToken(cli.home);
  const answer = await messages(gateway.url, token, SMALL);
  await answer.text();
  return answer.status;
}

async function spend(): Promise<void> {
  cli.simulator.setScript({ rules: [UNPAID] });
  expect(await ask()).toBe(402);
}

function api(): Promise<CheckedClient> {
  const { managementSocket } = JSON.parse(readFileSync(join(cli.home.stateDir, 'gateway.json'), 'utf8'));
  return CheckedClient.connect({ socketPath: managementSocket });
}

interface Paused {
  readonly pause: unknown;
}

/** What each face says of the pause of `main`. */
async function faces() {
  const socket = await api();
  const body = async (path: string) => (await socket.get(path)).body as Paused & { items: Paused[] };
  return {
    list: (await json('agents', 'list')).items[0].pause,
    show: (await json('agents', 'show', 'main')).pause,
    status: (await json('models', 'status')).pause,
    why: (await json('why')).pause,
    apiList: (await body('/agents')).items[0]?.pause,
    apiShow: (await body('/agents/main')).pause,
    apiStatus: (await body('/status')).pause,
  };
}

describe('a provider’s spend limit', () => {
  it('pauses no agent while a profile is left, and shows the same pause everywhere once none is, also after a restart', async () => {
    cli.simulator.setScript({ rules: [{ credential: 'default', ...UNPAID }] });
    expect(await ask()).toBe(200);
    expect(Object.values(await faces())).toEqual(Array(7).fill(null));
    await spend();

    const shown = await faces();
    const { since, until } = shown.list;
    expect(shown.list).toEqual({
      cause: 'provider_spend_limit',
      reason: expect.stringMatching(
        new RegExp(
          `^No profile of anthropic is left: its spend limit is reached or its credit is used up\\. The provider last answered 402 billing_error, at ${TIME}\\.$`,
        ),
      ),
      since: expect.any(Number),
      by: 'gateway',
      provider: 'anthropic',
      until: expect.any(Number),
      nextTestAt: expect.any(Number),
      lastAnswer: { at: since, httpStatus: 402, errorType: 'billing_error' },
      profiles: PROFILES,
    });
    expect(until).toBeGreaterThan(shown.list.nextTestAt);
    for (const each of Object.values(shown)) expect(each).toEqual(shown.list);

    await gateway.kill();
    const { code, pause } = await json('models', 'status', '--check');
    expect([code, pause]).toEqual([3, { ...shown.list, nextTestAt: null }]);
    gateway = await runGateway(cli.home);
    expect(Object.values(await faces())).toEqual(Array(7).fill(shown.list));
    expect(await ask()).toBe(402);
  });

  it('is said to people in one sentence with the one command, and closes a gate that scripts can match', async () => {
    await spend();
    const text = new RegExp(
      `Paused \\(provider_spend_limit\\) since ${TIME}\\. No profile of anthropic is left: .* The provider last answered 402 billing_error, at ${TIME}\\. The gateway tests it again at ${TIME}\\. Add credit or raise the limit at the provider\\. Open it with: moltbot resume --agent main`,
    );
    for (const words of [['models', 'status'], ['agents', 'show', 'main'], ['gates']])
      expect((await run(...words)).stdout).toMatch(text);
    expect((await run('models', 'status')).stdout).toMatch(/^!! Agent "main": Paused \(provider_spend_limit\)/);
    expect((await run('models', 'status', '--plain')).stdout).toContain('paused\tprovider_spend_limit\tanthropic\n');
    expect((await run('agents', 'list')).stdout).toMatch(/^main +paused: provider_spend_limit \(anthropic\) /m);
    expect((await run('why')).stdout).toMatch(
      /stuck at the gate credential:anthropic: Paused \(provider_spend_limit\)[\s\S]*It may work again in 1[45] min, at .*\nType: moltbot resume --agent main\n$/,
    );

    const gates = await json('gates');
    const closed = gates.items.filter(({ open }: { open: boolean }) => !open);
    expect([gates.code, gates.stopping]).toEqual([3, ['credential:anthropic']]);
    expect(closed).toContainEqual({
      name: 'credential:anthropic',
      open: false,
      why: expect.stringMatching(text),
      cause: 'provider_spend_limit',
    });
    const { body } = await (await api()).get('/gates');
    expect(body).toMatchObject({ items: gates.items, stopping: gates.stopping });
  });

  it('is tested at once by resume: exit code 3 and the provider’s answer while it lasts, then it serves', async () => {
    await spend();
    const refused = await run('resume');
    expect(refused).toEqual({
      code: 3,
      stdout: expect.stringMatching(
        /^There was no pause of the agent main on .+\.\nanthropic:default is still refused: its provider answered 402 billing_error\.\nanthropic:second is still refused: its provider answered 402 billing_error\.\n$/,
      ),
      stderr: 'Testing what is out of credit …\n',
    });
    cli.simulator.setScript({ rules: [{ credential: 'default', ...UNPAID }] });
    expect(await json('resume', '--all')).toEqual({
      code: 0,
      agentId: '*',
      paused: false,
      changed: false,
      tests: [
        {
          agentId: 'main',
          profileId: 'anthropic:default',
          result: 'refused',
          httpStatus: 402,
          errorType: 'billing_error',
        },
        { agentId: 'main', profileId: 'anthropic:second', result: 'passed', httpStatus: null, errorType: null },
      ],
      budgets: [],
      gatewayHost: expect.any(String),
    });
    expect(await ask()).toBe(200);
    expect((await json('agents', 'show', 'main')).state).toBe('active');
    const { items } = await json('audit', 'list');
    const asked = items.filter(({ action }: { action: string }) => action === 'credential.test_asked');
    expect(asked.map(({ subject }: { subject: string }) => subject).sort()).toEqual(
      [...PROFILES, ...PROFILES].map((id) => `main/${id}`).sort(),
    );
  });

  it('ends over the API, too', async () => {
    await spend();
    const socket = await api();
    const resume = async () => (await socket.post('/resume', { agent: 'main' })).body;
    expect(await resume()).toMatchObject({
      paused: true,
      changed: false,
      tests: [{ result: 'refused', httpStatus: 402 }, {}],
    });
    cli.simulator.setScript({});
    expect(await resume()).toEqual({
      agentId: 'main',
      paused: false,
      changed: false,
      tests: PROFILES.map((profileId) => ({
        agentId: 'main',
        profileId,
        result: 'passed',
        httpStatus: null,
        errorType: null,
      })),
      budgets: [],
    });
    expect(await ask()).toBe(200);
  });

  it('waits for a gateway where none runs: resume says so, and the next one tests as soon as it starts', async () => {
    await spend();
    await gateway.kill();
    const { code, stdout } = await run('resume');
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining(
        'anthropic:default was not tested: no gateway runs. The next one tests it as soon as it starts.\n',
      ),
    ]);
    cli.simulator.setScript({});
    gateway = await runGateway(cli.home);
    await expect.poll(async () => (await json('agents', 'show', 'main')).state, { timeout: 15_000 }).toBe('active');
  });

  it('of a key in the gateway’s environment is shown like any other', async () => {
    const home = cliHome();
    writeConfig(home, { vault: { kind: 'file' }, models: { providers: providersAt(cli.simulator) } });
    const other = await runGateway(home, { ANTHROPIC_API_KEY: cli.simulator.issueKey('anthropic', 'env') });
    cli.simulator.setScript({ rules: [UNPAID] });
    const { token } = await getToken(home);
    expect((await messages(other.url, token, SMALL)).status).toBe(402);
    const { stdout } = await runCli(home, ['agents', 'show', 'main', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'paused', pause: { profiles: ['anthropic:env'] } });
    cli.simulator.setScript({});
    expect(await runCli(home, ['resume'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('anthropic:env passed its test: it is usable again.\n'),
    });
    expect((await messages(other.url, token, SMALL)).status).toBe(200);
    await other.kill();
    home.remove();
  });
});
