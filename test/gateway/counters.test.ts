import { describe, expect, it, vi } from 'vitest';
import type { Counted } from '../../src/gateway/state/tally.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

/** In the fewest words: `anthropic generate 2xx ok complete: 1`. */
function words(counts: readonly Counted[]): string[] {
  return counts.map(({ labels, count }) => `${Object.values(labels).join(' ')}: ${count}`);
}

describe('the counters of a gateway', () => {
  it('tell of a request that moved on to the second profile', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    const { counters } = gateway.gateway;
    await (await gateway.post()).text();
    await vi.waitFor(() => expect(words(counters.requests.list())).toEqual(['anthropic generate 2xx ok complete: 1']));
    expect(words(counters.attempts.list())).toEqual(['anthropic rate_limited: 1', 'anthropic ok: 1']);
    expect(words(counters.retries.list())).toEqual(['anthropic: 1']);
    expect(words(counters.cooldowns.list())).toEqual(['anthropic cooldown rate_limit: 1']);
    expect(counters.refusals.list()).toEqual([]);
  });

  it('count answers of its own by their code, and wrong tokens apart', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { counters } = gateway.gateway;
    await gateway.post({ token: 'mbt_wrong' });
    await gateway.post({ path: 'anthropic/v1/nowhere' });
    await gateway.post({ path: 'openai/v1/chat/completions' });
    expect(words(counters.refusals.list())).toEqual(['TOKEN_REJECTED: 1', 'ROUTE_NOT_FOUND: 1', 'NO_CREDENTIALS: 1']);
    expect(words(counters.authenticationFailures.list())).toEqual(['TOKEN_REJECTED: 1']);
    expect(counters.requests.list()).toEqual([]);
  });

  it('know a stream while it is open, and its bytes and time once it is over', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const { counters, openRequests } = gateway.gateway;
    const leave = new AbortController();
    const response = await gateway.post({ body: { ...SMALL, stream: true }, signal: leave.signal });
    await response.body!.getReader().read();
    expect([counters.openStreams, openRequests()]).toEqual([1, 1]);
    leave.abort();
    await vi.waitFor(() => expect([counters.openStreams, openRequests()]).toEqual([0, 0]));
    expect(words(counters.requests.list())).toEqual(['anthropic generate 2xx ok client_gone: 1']);
    expect(counters.sentBytes.list()[0]!.count).toBeGreaterThan(200);
    expect(counters.durationMs.list()).toMatchObject([{ label: 'anthropic', count: 1 }]);
    expect(counters.firstByteMs.list()).toMatchObject([{ label: 'anthropic', count: 1 }]);
  });

  it.each([
    ['left before its answer', 'client_gone'],
    ['was cut before it', 'cut'],
  ])('tell of a client that %s', async (_what, ending) => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence' } }] },
    });
    const leave = new AbortController();
    const answer = gateway.post({ signal: leave.signal }).catch(() => undefined);
    await vi.waitFor(() => expect(gateway.simulator.requests).toHaveLength(1));
    if (ending === 'cut') gateway.tokens.revokeAll(gateway.now());
    else leave.abort();
    await answer;
    await vi.waitFor(() =>
      expect(words(gateway.gateway.counters.requests.list())).toEqual([
        `anthropic generate none client_gone ${ending}: 1`,
      ]),
    );
  });

  it('bucket durations so that each bound counts all that is not longer', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    await (await gateway.post()).text();
    const { durationMs, lagMs } = gateway.gateway.counters;
    await vi.waitFor(() => expect(durationMs.list()).toHaveLength(1));
    const { upTo, count } = durationMs.list()[0]!;
    expect([...upTo]).toEqual([...upTo].sort((a, b) => a - b));
    expect([upTo.length, upTo.at(-1), count]).toEqual([durationMs.bounds.length, 1, 1]);
    await vi.waitFor(() => expect(lagMs.list()[0]!.count).toBeGreaterThan(0), { timeout: 2_000 });
  });
});
