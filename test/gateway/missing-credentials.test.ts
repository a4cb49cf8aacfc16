import { describe, expect, it } from 'vitest';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

const REFUSED: ScriptInput = { rules: [{ fail: { kind: 'error', error: 'authentication' } }] };

/** What a client acts on. */
async function told(response: Response) {
  const { headers } = response;
  const body = (await response.json()) as { error: { type: string; code?: string; message: string } };
  return {
    status: response.status,
    code: headers.get('x-moltbot-error'),
    shouldRetry: headers.get('x-should-retry'),
    retryAfter: headers.get('retry-after'),
    type: body.error.type,
    message: body.error.message,
  };
}

/** Restarted, because a running gateway goes on with the secrets it has read. */
async function withLostSecret(profiles: string[], profileId: string): Promise<TestGateway> {
  const before = await TestGateway.start({ profiles });
  const { home, simulator, vault } = before;
  await before.stop();
  await vault.delete({ agentId: 'main', profileId });
  return TestGateway.start({ home, simulator, vault });
}

describe('when credentials are refused or missing', () => {
  it('says "401 / token suddenly invalid" with the remedy, so that the agent keeps its good token', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'mine', type: 'token' }],
      script: REFUSED,
    });
    const response = await gateway.post({ headers: { 'user-agent': 'claude-cli/2.1.329 (external, cli)' } });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="moltbot"');
    expect(await told(response)).toEqual({
      status: 401,
      code: 'PROFILES_REFUSED',
      shouldRetry: 'false',
      retryAfter: null,
      type: 'authentication_error',
      message: expect.stringMatching(
        /^401 \/ token suddenly invalid: .*"anthropic:mine".* Run claude setup-token again and paste it on the gateway host: moltbot models auth paste-token --provider anthropic/,
      ),
    });
  });

  it('says "No API key found" for an agent without profiles, which inherits nothing', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { token } = gateway.issue('reviewer');
    expect(await told(await gateway.post({ token }))).toEqual({
      status: 401,
      code: 'NO_CREDENTIALS',
      shouldRetry: 'false',
      retryAfter: null,
      type: 'authentication_error',
      message: expect.stringMatching(
        /^No API key found for provider "anthropic" \(agent "reviewer"\)\. Auth is per agent: run moltbot onboard --agent reviewer,/,
      ),
    });
    expect(gateway.served()).toEqual([]);
  });

  it('says "No credentials found for profile" when the vault has lost the secret', async () => {
    await using gateway = await withLostSecret(['default'], 'anthropic:default');
    expect(await told(await gateway.post())).toMatchObject({
      status: 401,
      code: 'NO_CREDENTIALS',
      message: expect.stringMatching(
        /^No credentials found for profile "anthropic:default" \(agent "main"\)\. See which/,
      ),
    });
  });

  it('names the pinned profile when that is the one that is missing', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: { auth: { pin: { anthropic: 'anthropic:gone' } } },
    });
    expect(await told(await gateway.post())).toMatchObject({
      status: 401,
      code: 'NO_CREDENTIALS',
      message: expect.stringMatching(/^No credentials found for profile "anthropic:gone"/),
    });
    expect(gateway.served()).toEqual([]);
  });

  it('goes on to the next profile when only one secret is missing', async () => {
    await using gateway = await withLostSecret(['first', 'second'], 'anthropic:first');
    expect((await gateway.post()).status).toBe(200);
    expect(gateway.served()).toEqual(['second 200']);
  });

  it('passes over a token past its expiry and says so', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'mine', type: 'token', expiresAtMs: Date.now() - 1_000 }],
    });
    expect(await told(await gateway.post({ headers: { 'x-app': 'cli' } }))).toMatchObject({
      status: 401,
      code: 'CREDENTIAL_EXPIRED',
      message: expect.stringContaining('claude setup-token'),
    });
    expect(gateway.served()).toEqual([]);
  });
});
