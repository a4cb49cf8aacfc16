import { describe, expect, it, vi } from 'vitest';
import type { ErrorName } from '../../src/simulator/script-schema.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

const failing = (error: ErrorName, resets: object[] = []) => ({ kind: 'error', error, resets }) as never;
const waiting = (seconds: number) => [{ style: 'retry-after', seconds }];
const NO_WAIT = { auth: { maxWaitMs: 0 } };
const CHAT = {
  path: 'openai/v1/chat/completions',
  body: { model: 'gpt-5', max_completion_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] },
};

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

describe.concurrent('when every profile is cooling down', () => {
  it('passes the last one’s own 429 on, without a wait of more than a minute; later requests get our text', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ fail: failing('rate_limit', waiting(120)) }] },
    });
    const own = await gateway.post();
    expect(own.headers.get('anthropic-organization-id')).toBe('org_simulated');
    expect(await told(own)).toEqual({
      status: 429,
      code: null,
      shouldRetry: 'false',
      retryAfter: null,
      type: 'rate_limit_error',
      message: 'This request would exceed the rate limit of your organization.',
    });
    expect(await told(await gateway.post())).toEqual({
      status: 429,
      code: 'NO_USABLE_PROFILE',
      shouldRetry: 'false',
      retryAfter: null,
      type: 'rate_limit_error',
      message: expect.stringMatching(
        /^No available auth profile \(all in cooldown\/unavailable\): anthropic:first .*; anthropic:second .*auth\.unusableProfiles in moltbot models status --json/,
      ),
    });
    expect(gateway.served()).toEqual(['first 429', 'second 429']);
  });

  it('advises the wait when the soonest is ready within a minute', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      config: NO_WAIT,
      script: {
        rules: [
          { credential: 'first', fail: failing('rate_limit', waiting(30)) },
          { credential: 'second', fail: failing('rate_limit', waiting(50)) },
        ],
      },
    });
    for (const code of [null, 'NO_USABLE_PROFILE']) {
      const answer = await told(await gateway.post());
      expect(answer).toMatchObject({ status: 429, code, shouldRetry: null });
      expect(Number(answer.retryAfter)).toBeGreaterThan(25);
      expect(Number(answer.retryAfter)).toBeLessThanOrEqual(30);
    }
  });

  it('says it to OpenAI’s clients in their dialect', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', provider: 'openai' }],
      script: { rules: [{ fail: failing('rate_limit', waiting(120)) }] },
    });
    await gateway.post(CHAT);
    const response = await gateway.post(CHAT);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringContaining('No available auth profile (all in cooldown/unavailable): openai:first'),
        type: 'rate_limit_exceeded',
        param: null,
        code: 'rate_limit_exceeded',
      },
    });
  });

  it('holds the request while the soonest becomes ready within auth.maxWaitMs', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ first: 1, fail: failing('rate_limit', waiting(1)) }] },
    });
    const startedAtMs = performance.now();
    expect((await gateway.post()).status).toBe(200);
    expect(performance.now() - startedAtMs).toBeGreaterThan(900);
    expect(gateway.served()).toEqual(['first 429', 'first 200']);
    expect(gateway.states()).toEqual([]);
  });

  it('stops holding when the client leaves', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: failing('rate_limit', waiting(1)) }] },
    });
    const leaving = new AbortController();
    const request = gateway.post({ signal: leaving.signal }).catch(() => 'left');
    await vi.waitFor(() => expect(gateway.served()).toEqual(['first 429']));
    leaving.abort();
    expect(await request).toBe('left');
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(gateway.served()).toEqual(['first 429']);
  });
});

describe.concurrent('when every profile is out of credit', () => {
  it.each<ErrorName>(['billing', 'credit_too_low'])('answers %s with 402 to Anthropic’s clients', async (error) => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ fail: failing(error) }] },
    });
    for (let turn = 0; turn < 2; turn++) {
      expect(await told(await gateway.post())).toEqual({
        status: 402,
        code: 'PROFILES_OUT_OF_CREDIT',
        shouldRetry: 'false',
        retryAfter: null,
        type: 'billing_error',
        message: expect.stringContaining('No available auth profile'),
      });
    }
    expect(gateway.served()).toHaveLength(2);
  });

  it('answers OpenAI’s clients with the one form at which Codex stops', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', provider: 'openai' }],
      script: { rules: [{ fail: failing('insufficient_quota') }] },
    });
    const response = await gateway.post(CHAT);
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([429, 'false']);
    expect(await response.json()).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
  });

  it('lets a cooling profile decide first', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      config: NO_WAIT,
      script: {
        rules: [
          { credential: 'first', fail: failing('rate_limit', waiting(40)) },
          { credential: 'second', fail: failing('billing') },
        ],
      },
    });
    await gateway.post();
    expect(await told(await gateway.post())).toMatchObject({ status: 429, code: 'NO_USABLE_PROFILE' });
  });

  it('answers in our words also where the answer is no news about health', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: failing('billing') }] },
    });
    const response = await gateway.post({ path: 'anthropic/v1/messages/count_tokens' });
    expect(await told(response)).toMatchObject({ status: 402, code: 'PROFILES_OUT_OF_CREDIT', shouldRetry: 'false' });
    expect(gateway.states()).toEqual([]);
  });
});
