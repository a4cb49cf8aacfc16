import { describe, expect, it } from 'vitest';
import type { Retest } from '../../src/rotation/billing-tests.ts';
import { choose } from '../../src/rotation/choose.ts';
import { spendLimitIn, spendLimitSentence } from '../../src/rotation/spend-limit.ts';
import type { HealthState } from '../../src/rotation/types.ts';
import { context, key, NOW, OPUS, state } from './samples.ts';

const MINUTE = 60_000;
const CANDIDATES = [key('anthropic:home'), key('anthropic:work')];

function against(profileId: string, change: Partial<HealthState>): HealthState {
  return state({ profileId, model: null, kind: 'disabled', untilMs: NOW + 300 * MINUTE, ...change });
}

const UNPAID = { reason: 'billing', outcome: 'billing', httpStatus: 402, errorType: 'billing_error' } as const;
const HOME = against('anthropic:home', { ...UNPAID, sinceMs: NOW - 20 * MINUTE });
const WORK = against('anthropic:work', { ...UNPAID, sinceMs: NOW - 5 * MINUTE, untilMs: NOW + 60 * MINUTE });

function limitBy(states: readonly HealthState[], retests: readonly Retest[] = [], nowMs = NOW) {
  const choice = choose(CANDIDATES, states, context({ isClaudeCode: true }), nowMs);
  return spendLimitIn({ agentId: 'main', provider: 'anthropic' }, choice, retests);
}

describe('a provider’s own spend limit', () => {
  it('pauses an agent once it stands against every profile, from the last of them on', () => {
    const limit = limitBy([HOME, WORK]);
    expect(limit).toEqual({
      provider: 'anthropic',
      sinceMs: NOW - 5 * MINUTE,
      untilMs: NOW + 60 * MINUTE,
      nextTestAtMs: NOW - 5 * MINUTE,
      lastAnswer: { atMs: NOW - 5 * MINUTE, httpStatus: 402, errorType: 'billing_error' },
      profileIds: ['anthropic:work', 'anthropic:home'],
    });
    expect(spendLimitSentence(limit!)).toBe(
      'No profile of anthropic is left: its spend limit is reached or its credit is used up. The provider last answered 402 billing_error, at 2026-11-21 11:55:00 UTC.',
    );
  });

  it.each<[string, HealthState[]]>([
    ['while another profile is usable', [HOME]],
    ['while another is only cooling down', [HOME, against('anthropic:work', { reason: 'rate_limit' })]],
    ['while another is cooling down for the model asked', [HOME, state({ model: OPUS })]],
    ['once the window of one has ended', [HOME, against('anthropic:work', { ...UNPAID, untilMs: NOW })]],
    ['when every profile was refused', CANDIDATES.map(({ id }) => against(id, { reason: 'auth', untilMs: null }))],
  ])('does not pause it %s', (_when, states) => {
    expect(limitBy(states)).toBeUndefined();
  });

  it('pauses it also where the rest was refused: there, too, money is what is missing', () => {
    const refused = against('anthropic:work', { reason: 'auth', untilMs: null, sinceMs: NOW - MINUTE });
    expect(limitBy([HOME, refused])).toMatchObject({ sinceMs: NOW - MINUTE, profileIds: ['anthropic:home'] });
  });

  it('tells the newest answer, which may be that of a test, and when the next test is', () => {
    const tested = { agentId: 'main', profileId: 'anthropic:home', askedAtMs: null, testedAtMs: NOW - MINUTE };
    const refused: Retest = { ...tested, verdict: 'valid_unusable', httpStatus: 429, errorType: 'rate_limit_error' };
    expect(limitBy([HOME, WORK], [refused])).toMatchObject({
      nextTestAtMs: NOW + 10 * MINUTE,
      lastAnswer: { atMs: NOW - MINUTE, httpStatus: 429, errorType: 'rate_limit_error' },
    });
    const silent: Retest = { ...tested, verdict: 'unreachable', httpStatus: null, errorType: null };
    expect(limitBy([HOME], [silent])).toBeUndefined();
    expect(limitBy([HOME, WORK], [silent])!.lastAnswer.atMs).toBe(NOW - 5 * MINUTE);
  });

  it('is over for those who were never there', () => {
    const choice = choose([], [HOME], context(), NOW);
    expect(spendLimitIn({ agentId: 'main', provider: 'anthropic' }, choice, [])).toBeUndefined();
  });
});
