import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const json = async (...args: string[]) => {
  const { code, stdout } = await runCli(home, [...args, '--json']);
  return { code, ...JSON.parse(stdout) };
};
const config = () => readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8');

describe('agents', () => {
  it('are added without credentials, listed, and removed with their tokens', async () => {
    expect((await json('agents', 'list')).items).toEqual([
      {
        id: 'main',
        state: 'active',
        pause: null,
        createdAt: null,
        expiresAt: null,
        policy: {},
        labels: {},
        profiles: [],
        liveTokens: 0,
      },
    ]);
    const added = await json('agents', 'add', 'reviewer', '--model', 'anthropic/claude-haiku-4-5');
    expect(added).toMatchObject({ code: 0, agentId: 'reviewer', model: 'anthropic/claude-haiku-4-5' });
    await json('agents', 'add', 'writer', '--model', 'openai/gpt-5');
    expect(config()).toMatch(/id: "?reviewer|"id": "reviewer"|id: 'reviewer'/);
    const { accessor } = await json('get', 'anthropic', '--agent', 'reviewer');
    expect((await json('agents', 'list')).items).toMatchObject([
      { id: 'main', liveTokens: 0 },
      { id: 'reviewer', profiles: [], liveTokens: 1 },
      { id: 'writer', profiles: [], liveTokens: 0 },
    ]);
    expect(await json('agents', 'remove', 'reviewer', '--yes')).toMatchObject({ code: 0, removed: true, tokens: 1 });
    expect((await json('revoke', accessor)).error.code).toBe('TOKEN_NOT_FOUND');
    expect((await json('agents', 'add', 'reviewer')).code).toBe(0);
    expect((await json('active')).items).toEqual([]);
  });

  it('are added with terms, shown with them, and changed one term at a time; all of it stands in the audit', async () => {
    const flags = [
      '--can',
      'anthropic',
      '--can',
      'xai',
      '--models',
      'claude-haiku-4.5,xai/*',
      '--routes',
      'generate,count',
    ];
    const more = [
      '--rpm',
      '20',
      '--concurrency',
      '3',
      '--expires-in',
      '30d',
      '--label',
      'team=core',
      '--label',
      'on=call',
    ];
    const added = await json('agents', 'add', 'reviewer', ...flags, ...more);
    const policy = {
      providers: ['anthropic', 'xai'],
      models: ['anthropic/claude-haiku-4-5', 'xai/*'],
      routes: ['generate', 'count'],
      requestsPerMinute: 20,
      concurrency: 3,
    };
    expect(added).toMatchObject({ code: 0, policy, labels: { team: 'core', on: 'call' } });
    expect(Math.round((added.expiresAt - Date.now()) / 86_400_000)).toBe(30);
    expect(await json('agents', 'show', 'reviewer')).toMatchObject({
      code: 0,
      id: 'reviewer',
      state: 'active',
      policy,
    });
    const { stdout } = await runCli(home, ['agents', 'show', 'reviewer']);
    expect(stdout).toContain(
      'May use   anthropic, xai; models anthropic/claude-haiku-4-5, xai/*; routes generate, count; 20 a minute; 3 at a time\n',
    );
    const changes = ['--can', 'any', '--rpm', '5', '--routes', 'any', '--expires-in', 'never', '--label', 'on='];
    expect(await json('agents', 'set', 'reviewer', ...changes)).toMatchObject({
      code: 0,
      policy: { models: policy.models, requestsPerMinute: 5, concurrency: 3 },
      expiresAt: null,
      labels: { team: 'core' },
    });
    const story = (await json('audit', 'list')).items;
    expect(JSON.stringify(story)).toMatch(/agent\.added.*agent\.changed|agent\.changed.*agent\.added/);
  });

  it.each([
    [['agents', 'set', 'main'], 64, 'USAGE'],
    [['agents', 'set', 'nobody', '--rpm', '1'], 64, 'AGENT_NOT_FOUND'],
    [['agents', 'show', 'nobody'], 64, 'AGENT_NOT_FOUND'],
    [['agents', 'add', 'b', '--can', 'antropic'], 64, 'PROVIDER_NOT_FOUND'],
    [['agents', 'add', 'b', '--models', 'nothing'], 64, 'MODEL_NOT_FOUND'],
    [['agents', 'add', 'b', '--routes', 'all'], 64, 'USAGE'],
    [['agents', 'add', 'b', '--rpm', '0'], 64, 'USAGE'],
    [['agents', 'add', 'b', '--concurrency', '1.5'], 64, 'USAGE'],
    [['agents', 'add', 'b', '--expires-in', 'soon'], 64, 'USAGE'],
    [['agents', 'add', 'b', '--label', 'nothing'], 64, 'USAGE'],
    [['pause', '--agent', 'nobody'], 64, 'AGENT_NOT_FOUND'],
    [['resume', '--agent', 'nobody'], 64, 'AGENT_NOT_FOUND'],
    [['agents', 'add', 'main'], 64, 'ALREADY_EXISTS'],
    [['agents', 'add', 'Not An Id'], 64, 'USAGE'],
    [['agents', 'add', 'b', '--model', 'no-such-model'], 64, 'MODEL_NOT_FOUND'],
    [['agents', 'remove', 'main', '--yes'], 64, 'USAGE'],
    [['agents', 'remove', 'nobody', '--yes'], 64, 'AGENT_NOT_FOUND'],
    [['agents', 'remove', 'nobody'], 64, 'USAGE'],
  ] as const)('refuses %j', async (args, code, error) => {
    const refused = await json(...args);
    expect([refused.code, refused.error.code]).toEqual([code, error]);
  });
});

describe('backend', () => {
  it('defines a provider, says whether it can be reached without a credential, and removes it', async () => {
    const simulator = await startSimulator();
    const added = await json('backend', 'add', 'local', '--base-url', simulator.baseUrls.openai, '--auth', 'none');
    expect(added).toMatchObject({
      code: 0,
      provider: 'local',
      baseUrl: simulator.baseUrls.openai,
      auth: 'none',
      api: ['openai-chat'],
    });
    expect((await json('backend', 'list')).items.map((item: { provider: string }) => item.provider)).toEqual([
      'anthropic',
      'openai',
      'xai',
      'local',
    ]);
    const status = await json('backend', 'status', 'local');
    expect(status).toMatchObject({
      code: 0,
      items: [{ provider: 'local', endpoints: [{ reachable: true, statusCode: 401 }] }],
    });
    expect(simulator.requests.map(({ method, credentials }) => [method, credentials])).toEqual([['GET', []]]);
    await simulator.close();
    const down = await json('backend', 'status', 'local');
    expect(down).toMatchObject({ code: 69, items: [{ endpoints: [{ reachable: false, statusCode: null }] }] });
    expect(await json('backend', 'remove', 'local', '--yes')).toMatchObject({ code: 0, removed: true });
    expect((await json('backend', 'status', 'local')).error.code).toBe('PROVIDER_NOT_FOUND');
  });

  it.each([
    [['backend', 'add', 'anthropic'], 'ALREADY_EXISTS'],
    [['backend', 'add', 'local'], 'USAGE'],
    [['backend', 'add', 'local', '--base-url', 'http://example.com'], 'USAGE'],
    [['backend', 'add', 'local', '--base-url', 'ftp://127.0.0.1'], 'USAGE'],
    [['backend', 'add', 'Bad Name', '--base-url', 'http://127.0.0.1:1'], 'USAGE'],
    [['backend', 'add', 'a', '--base-url', 'http://127.0.0.1:1', '--api', 'smoke-signals'], 'USAGE'],
    [['backend', 'remove', 'openai', '--yes'], 'USAGE'],
    [['backend', 'remove', 'nope', '--yes'], 'PROVIDER_NOT_FOUND'],
  ] as const)('refuses %j', async (args, error) => {
    const refused = await json(...args);
    expect([refused.code, refused.error.code]).toEqual([64, error]);
  });
});
