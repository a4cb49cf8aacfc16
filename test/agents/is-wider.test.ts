import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentTerms } from '../../src/agents/agent-store.ts';
import { refusalOf, type Wish } from '../../src/agents/decide.ts';
import { isWider } from '../../src/agents/is-wider.ts';
import type { Policy } from '../../src/agents/policy.ts';

const BEFORE = {
  expiresAtMs: 1_000 as number | null,
  policy: { providers: ['anthropic'], models: ['anthropic/*'], routes: ['generate'], requestsPerMinute: 5 } as Policy,
};
const { policy } = BEFORE;

describe('new terms', () => {
  it.each<[string, AgentTerms, boolean]>([
    ['that name nothing', {}, false],
    ['that change labels alone', { labels: { team: 'core' } }, false],
    ['with one provider more', { policy: { ...policy, providers: ['anthropic', 'xai'] } }, true],
    ['with none left', { policy: { ...policy, providers: [] } }, false],
    ['without a limit on models', { policy: { ...policy, models: undefined } }, true],
    ['with one model of all', { policy: { ...policy, models: ['anthropic/claude-haiku-4-5'] } }, false],
    ['with other routes', { policy: { ...policy, routes: ['count'] } }, true],
    ['with more requests a minute', { policy: { ...policy, requestsPerMinute: 6 } }, true],
    ['with fewer', { policy: { ...policy, requestsPerMinute: 4 } }, false],
    ['with a new limit', { policy: { ...policy, concurrency: 1 } }, false],
    ['that end later', { expiresAtMs: 2_000 }, true],
    ['that never end', { expiresAtMs: null }, true],
    ['that end sooner', { expiresAtMs: 500 }, false],
  ])('%s: wider is %s', (_what, after, wider) => {
    expect(isWider(BEFORE, after)).toBe(wider);
  });
});

const list = (...all: string[]) => fc.option(fc.uniqueArray(fc.constantFrom(...all)), { nil: undefined });
const policies = fc
  .record({
    providers: list('anthropic', 'xai'),
    models: list('anthropic/*', 'anthropic/claude-haiku-4-5', 'xai/grok-4-fast'),
    routes: list('generate', 'count', 'files'),
  })
  .map((lists) => Object.fromEntries(Object.entries(lists).filter(([, each]) => each !== undefined)) as Policy);
const wishes: fc.Arbitrary<Wish> = fc.record({
  providerId: fc.constantFrom('anthropic', 'xai'),
  purpose: fc.constantFrom('generate', 'count', 'files', 'other'),
  models: fc.uniqueArray(fc.constantFrom('claude-haiku-4-5', 'claude-opus-4-5', 'grok-4-fast')),
  startsWork: fc.boolean(),
});

it('terms that are not wider allow no request that was refused before', () => {
  fc.assert(
    fc.property(policies, policies, wishes, (before, after, wish) => {
      if (isWider({ expiresAtMs: null, policy: before }, { policy: after })) return;
      const may = (terms: Policy) =>
        refusalOf({ agent: { id: 'a', expiresAtMs: null, policy: terms }, pause: undefined }, wish, 0) === undefined;
      if (may(after)) expect(may(before)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});
