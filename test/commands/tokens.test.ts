import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

describe('get', () => {
  it('prints the token and nothing else', async () => {
    const env = { ANTHROPIC_API_KEY: 'sk-ant-sim-in-the-environment' };
    const { code, stdout, stderr } = await runCli(home, ['get', 'anthropic'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^mbt_[0-9A-Za-z]{49}\n$/);
  });

  it.each([
    ['get', 'xai'],
    ['env', '--shell', 'bash'],
    ['run', '--provider', 'xai', '--', 'true'],
  ])('says beside it that the agent has no credential for that yet, and what to type: %s', async (...words) => {
    await runCli(home, ['config', 'set', 'gateway.port', '0']);
    const { code, stderr } = await runCli(home, words);
    await runCli(home, ['gateway', 'stop']);
    expect(code).toBe(0);
    const provider = words.includes('xai') ? 'xai' : 'anthropic';
    expect(stderr.split('\n').filter((line) => line.startsWith('No API key found'))).toEqual([
      expect.stringMatching(
        new RegExp(`^No API key found for provider "${provider}" \\(agent "main"\\)\\. .*moltbot onboard`),
      ),
    ]);
  });

  it('says in JSON what the token is for and where it is shown, with or without a gateway', async () => {
    const before = Date.now();
    const got = await json('get', 'openai', '--ttl', '30m');
    expect(got).toEqual({
      code: 0,
      token: expect.stringMatching(/^mbt_/),
      accessor: expect.stringMatching(/^acc_/),
      agentId: 'main',
      providers: ['openai'],
      expiresAt: expect.any(Number),
      baseUrl: 'http://127.0.0.1:8400/v1/proxy/openai/v1',
    });
    expect(Math.round((got.expiresAt - before) / 60_000)).toBe(30);
    const { url } = await json('gateway', 'start', '--port', '0');
    expect((await json('get', 'anthropic')).baseUrl).toBe(`${url}/v1/proxy/anthropic`);
    await json('gateway', 'stop');
  });

  it.each(['0m', '59s', '61m', '2h', '1.5h', '-5m', '10', 'soon', ''])('refuses the time "%s"', async (ttl) => {
    const refused = await json('get', 'anthropic', `--ttl=${ttl}`);
    expect([refused.code, refused.error.code]).toEqual([64, 'USAGE']);
    expect((await json('active')).items).toEqual([]);
  });

  it.each([
    [['get', 'antropic'], 64, 'PROVIDER_NOT_FOUND'],
    [['get', 'anthropic', '--agent', 'nobody'], 64, 'AGENT_NOT_FOUND'],
    [['get', 'anthropic', '--profile', 'anthropic:none-such'], 1, 'PROFILE_NOT_FOUND'],
    [['get', 'anthropic', '--profile', 'xai:env'], 1, 'PROFILE_NOT_FOUND'],
    [['get'], 64, 'USAGE'],
  ] as const)('refuses %j', async (args, code, error) => {
    const refused = await json(...args);
    expect([refused.code, refused.error.code]).toEqual([code, error]);
  });
});

describe('a token with a budget', () => {
  it('says its amount when it is made and what is spent of it where tokens are listed', async () => {
    const budget = { usd: 0.5, enforcement: 'soft' };
    expect(await json('get', 'anthropic', '--usd', '0.50')).toMatchObject({ code: 0, policy: { budget } });
    expect(await json('env', '--tokens', '5000', '--hard')).toMatchObject({
      code: 0,
      budget: { tokens: 5_000, enforcement: 'hard' },
    });
    await json('get', 'anthropic');
    const { items } = await json('active');
    expect(items.map((item: { budget: object | null }) => item.budget)).toEqual([
      null,
      { unit: 'tokens', amount: 5_000, spent: 0, left: 5_000, enforcement: 'hard' },
      { unit: 'nanoUsd', amount: 500_000_000, spent: 0, left: 500_000_000, enforcement: 'soft' },
    ]);
    const { stdout } = await runCli(home, ['active']);
    expect(stdout).toContain('$0.00 of $0.50');
    expect(stdout).toContain('0 tokens of 5,000 tokens');
  });

  it.each([
    [['--usd', '0']],
    [['--usd', '1e3']],
    [['--tokens', '1.5']],
    [['--usd', '1', '--tokens', '5']],
    [['--hard']],
  ])('is refused with %j', async (flags) => {
    const refused = await json('get', 'anthropic', ...flags);
    expect([refused.code, refused.error.code]).toEqual([64, 'USAGE']);
    expect((await json('active')).items).toEqual([]);
  });
});

describe('active and revoke', () => {
  it('lists live tokens by accessor, never by value, and ends one, those of an agent, or all', async () => {
    expect((await runCli(home, ['active'])).stdout).toBe('No token is valid now. Get one: moltbot get anthropic\n');
    await json('agents', 'add', 'reviewer');
    const first = await json('get', 'anthropic');
    await json('get', 'xai', '--agent', 'reviewer');
    await json('get', 'openai', '--agent', 'reviewer');
    const listed = await runCli(home, ['active', '--json']);
    expect(listed.stdout).not.toContain('mbt_');
    expect(JSON.parse(listed.stdout).items).toHaveLength(3);
    expect((await json('active', '--agent', 'main')).items).toMatchObject([
      { accessor: first.accessor, agentId: 'main' },
    ]);
    expect(await json('revoke', first.accessor)).toMatchObject({ code: 0, revoked: 1, agentId: 'main' });
    expect(await json('revoke', '--agent', 'reviewer')).toMatchObject({ code: 0, revoked: 2, agentId: 'reviewer' });
    expect(await json('revoke', '--all')).toMatchObject({ code: 0, revoked: 0 });
    expect((await json('active')).items).toEqual([]);
  });

  it('does not take a token for its accessor, nor repeat it', async () => {
    const { token } = await json('get', 'anthropic');
    const { code, stdout, stderr } = await runCli(home, ['revoke', token]);
    expect({ code, stdout, stderr }).toEqual({
      code: 64,
      stdout: '',
      stderr: 'That is a token, not its accessor.\nSee the accessors: moltbot active\n',
    });
    expect(await json('revoke', 'acc_none')).toMatchObject({ code: 1, error: { code: 'TOKEN_NOT_FOUND' } });
    expect(await json('revoke')).toMatchObject({ code: 64, error: { code: 'USAGE' } });
    expect(await json('revoke', '--all', '--agent', 'main')).toMatchObject({ code: 64, error: { code: 'USAGE' } });
  });
});

describe('env', () => {
  it('prints exports that a shell can evaluate, with an empty ANTHROPIC_API_KEY', async () => {
    const { code, stdout } = await runCli(home, ['env']);
    const token = /mbt_\w+/.exec(stdout)?.[0];
    expect({ code, lines: stdout.trim().split('\n') }).toEqual({
      code: 0,
      lines: [
        "export ANTHROPIC_BASE_URL='http://127.0.0.1:8400/v1/proxy/anthropic'",
        `export ANTHROPIC_AUTH_TOKEN='${token}'`,
        "export OPENAI_BASE_URL='http://127.0.0.1:8400/v1/proxy/openai/v1'",
        `export OPENAI_API_KEY='${token}'`,
        "export ANTHROPIC_API_KEY=''",
      ],
    });
    expect((await runCli(home, ['env', '--shell', 'fish'])).stdout).toMatch(/^set -gx ANTHROPIC_BASE_URL 'http/);
  });
});
