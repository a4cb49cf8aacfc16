import { describe, expect, it, vi } from 'vitest';
import { pauseAgent, resumeAgent } from '../../src/agents/change-agents.ts';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { booksOf, tester, tokenOf } from '../fakes/gateway-agents.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const STREAM = { ...SMALL, stream: true };
const SILENT: ScriptInput = { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] };
const facts = (response: Response) => [
  response.status,
  response.headers.get('x-moltbot-error'),
  response.headers.get('x-moltbot-gate'),
  response.headers.get('retry-after'),
  response.headers.get('x-should-retry'),
];
const SERVED = [200, null, null, null, null];

describe.concurrent('requests a minute', () => {
  it('of an agent count over all of its tokens, and the refusal says when to come again', async () => {
    const profiles = [{ name: 'first', agentId: 'narrow' }];
    await using gateway = await TestGateway.start({ profiles, standsAtMs: 1_800_000_000_000 });
    gateway.agents.change('narrow', { policy: { requestsPerMinute: 2 } });
    const [one, two] = [tokenOf(gateway, 'narrow'), tokenOf(gateway, 'narrow')];
    expect(facts(await gateway.post({ token: one }))).toEqual(SERVED);
    gateway.move(18_000);
    expect(facts(await gateway.post({ token: two }))).toEqual(SERVED);
    expect(facts(await gateway.post({ token: one }))).toEqual([429, 'LIMIT_REACHED', 'limit', '42', null]);
    expect((await gateway.post({ path: 'anthropic/v1/messages/count_tokens', token: one })).status).toBe(200);
    gateway.move(42_000);
    expect(facts(await gateway.post({ token: one }))).toEqual(SERVED);
    expect(facts(await gateway.post({ token: one }))).toEqual([429, 'LIMIT_REACHED', 'limit', '18', null]);
    expect(gateway.served()).toHaveLength(4);
  });

  it('of a token are its own, beside those of its agent', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const narrow = tokenOf(gateway, 'main', {}, { policy: { requestsPerMinute: 1 } });
    expect((await gateway.post({ token: narrow })).status).toBe(200);
    expect((await gateway.post({ token: narrow })).status).toBe(429);
    expect((await gateway.post()).status).toBe(200);
  });
});

/** Starts a stream with the only place there is and waits for its first event. */
async function begun(gateway: TestGateway, token: string, signal?: AbortSignal) {
  const response = await gateway.post({ token, body: STREAM, ...(signal && { signal }) });
  await response.body!.getReader().read();
}

const isFree = (gateway: TestGateway, token: string) =>
  vi.waitFor(
    async () => {
      gateway.simulator.setScript({});
      expect((await gateway.post({ token })).status).toBe(200);
    },
    { timeout: 10_000 },
  );

describe.concurrent('one request at a time', () => {
  const start = (script: ScriptInput = SILENT) => {
    const config = { gateway: { timeouts: { silenceMs: 600 } } };
    return TestGateway.start({ profiles: ['first'], script, config });
  };
  const alone = (gateway: TestGateway) => tokenOf(gateway, 'main', {}, { policy: { concurrency: 1 } });

  it('is one: the second is refused and told to try again soon', async () => {
    await using gateway = await start({ rules: [{ fail: { kind: 'silence' } }] });
    const token = alone(gateway);
    const leaving = new AbortController();
    const first = gateway.post({ token, signal: leaving.signal }).catch(() => 'left');
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 10_000 });
    expect(facts(await gateway.post({ token }))).toEqual([429, 'LIMIT_REACHED', 'limit', '1', null]);
    leaving.abort();
    expect(await first).toBe('left');
    await isFree(gateway, token);
  });

  it.each<[string, (gateway: TestGateway, token: string) => Promise<unknown>, ScriptInput?]>([
    ['is complete', async (gateway, token) => (await gateway.post({ token })).text(), {}],
    [
      'is refused by the provider',
      async (gateway, token) => (await gateway.post({ token })).text(),
      { rules: [{ fail: { kind: 'error', error: 'invalid_request' } }] },
    ],
    [
      'breaks off',
      async (gateway, token) => (await gateway.post({ token, body: STREAM })).text(),
      { rules: [{ fail: { kind: 'reset', afterEvents: 2 } }] },
    ],
    ['falls silent', async (gateway, token) => (await gateway.post({ token, body: STREAM })).text()],
    [
      'is left by its client',
      async (gateway, token) => {
        const leaving = new AbortController();
        await begun(gateway, token, leaving.signal);
        leaving.abort();
      },
    ],
    [
      'is cut by a pause',
      async (gateway, token) => {
        await begun(gateway, token);
        pauseAgent(booksOf(gateway), 'main', '', tester(gateway));
        await new Promise((resolve) => setTimeout(resolve, 400));
        resumeAgent(booksOf(gateway), 'main', tester(gateway));
      },
    ],
    [
      'asks for a model there is none of',
      async (gateway, token) => (await gateway.post({ token, body: { ...SMALL, model: 'default' } })).text(),
    ],
  ])('makes room when it %s', async (_how, end, script) => {
    await using gateway = await start(script);
    const token = alone(gateway);
    await end(gateway, token);
    await isFree(gateway, token);
  });
});
