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
      { id: 'main', profiles: [], liveTokens: 0, createdAt: null },
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

  it.each([
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
