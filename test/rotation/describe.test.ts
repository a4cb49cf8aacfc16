import { describe, expect, it } from 'vitest';
import { describeState, nextStep, toUnusable, unusableProfiles, whyBlocked } from '../../src/rotation/describe.ts';
import { NOW, OPUS, state } from './samples.ts';

const MINUTE = 60_000;
const COOLING = state({ causedBy: 'reviewer', untilMs: NOW + 2 * MINUTE });
const UNPAID = state({
  model: null,
  kind: 'disabled',
  reason: 'billing',
  outcome: 'billing',
  httpStatus: 402,
  errorType: 'billing_error',
  requestId: null,
  untilMs: NOW + 300 * MINUTE,
});
const REFUSED = state({
  agentId: 'reviewer',
  model: null,
  kind: 'disabled',
  reason: 'auth',
  outcome: 'auth',
  httpStatus: 401,
  errorType: null,
  untilMs: null,
  failuresInARow: 3,
});

describe('describeState', () => {
  it('says which answer caused a cooldown, since when and until when', () => {
    expect(describeState(COOLING, NOW)).toBe(
      'anthropic:work (agent "main") is cooling down for claude-opus-4-5: rate limited. The provider answered 429 rate_limit_error (request req_1) to a request of agent "reviewer" at 2026-11-21 12:00:00 UTC. Ready in 2 min, at 2026-11-21 12:02:00 UTC.',
    );
  });

  it('says what ends a state that does not end by itself', () => {
    expect(describeState(REFUSED, NOW)).toBe(
      'anthropic:work (agent "reviewer") is disabled: refused by the provider. The provider answered 401 (request req_1) to a request of agent "main" at 2026-11-21 12:00:00 UTC. It stays so until a test passes, the credential is replaced or a person resets it.',
    );
  });

  it('says that a window has ended and one request tries it', () => {
    expect(describeState(UNPAID, NOW + 300 * MINUTE)).toBe(
      'anthropic:work (agent "main") may be tried again: out of credit or past a spend limit. The provider answered 402 billing_error to a request of agent "main" at 2026-11-21 12:00:00 UTC. Its window ended at 2026-11-21 17:00:00 UTC; one request tries it before others do.',
    );
  });

  it('says who switched a profile off', () => {
    const off = state({
      model: null,
      kind: 'disabled',
      reason: 'person',
      httpStatus: null,
      errorType: null,
      requestId: null,
      causedBy: null,
      untilMs: null,
      changedBy: 'person',
    });
    expect(describeState(off, NOW)).toBe(
      'anthropic:work (agent "main") is disabled: switched off by a person. Since 2026-11-21 12:00:00 UTC. It stays so until a test passes, the credential is replaced or a person resets it. Last changed by: person.',
    );
  });

  it('shows a model name from outside without letting it move a cursor', () => {
    expect(describeState(state({ model: 'x\u001b[2J' }), NOW)).toContain('for x\\u{1b}[2J:');
  });
});

describe('nextStep', () => {
  it.each([
    [
      COOLING,
      'By itself: one request tries it at 2026-11-21 12:02:00 UTC; at once with: moltbot models auth reset anthropic:work',
    ],
    [state({ untilMs: NOW }), 'By itself: the next request tries it.'],
    [UNPAID, 'Add credit or raise the limit at the provider, then: moltbot models auth test anthropic:work'],
    [
      REFUSED,
      'Replace the credential (moltbot onboard --profile-id anthropic:work --agent reviewer), or if it is good: moltbot models auth test anthropic:work --agent reviewer',
    ],
    [
      state({ reason: 'origin_changed', untilMs: null }),
      'Enter the credential again for the new base URL: moltbot onboard --profile-id anthropic:work',
    ],
    [state({ reason: 'person', untilMs: null }), 'Switch it on again with: moltbot models auth reset anthropic:work'],
  ])('names what a person types next (%#)', (given, expected) => {
    expect(nextStep(given, NOW)).toBe(expected);
  });
});

describe('unusableProfiles', () => {
  it('gives the fields that scripts read', () => {
    expect(toUnusable(COOLING, NOW)).toEqual({
      profileId: 'anthropic:work',
      provider: 'anthropic',
      kind: 'cooldown',
      reason: 'rate_limit',
      model: OPUS,
      since: NOW,
      until: NOW + 2 * MINUTE,
      remainingMs: 2 * MINUTE,
      httpStatus: 429,
      errorType: 'rate_limit_error',
      requestId: 'req_1',
      nextStep: nextStep(COOLING, NOW),
    });
    expect(toUnusable(REFUSED, NOW)).toEqual({
      profileId: 'anthropic:work',
      provider: 'anthropic',
      kind: 'disabled',
      reason: 'auth',
      since: NOW,
      until: null,
      remainingMs: null,
      httpStatus: 401,
      requestId: 'req_1',
      nextStep: nextStep(REFUSED, NOW),
    });
  });

  it('lists closed windows only, soonest first', () => {
    const list = unusableProfiles([REFUSED, UNPAID, COOLING, state({ untilMs: NOW })], NOW);
    expect(list).toEqual([COOLING, UNPAID, REFUSED].map((each) => toUnusable(each, NOW)));
  });
});

describe('whyBlocked', () => {
  it('names profile, reason and time', () => {
    expect(whyBlocked({ profileId: 'main/anthropic:work', state: COOLING, readyAtMs: NOW + 2 * MINUTE }, NOW)).toBe(
      'main/anthropic:work rate limited for claude-opus-4-5 (HTTP 429), ready in 2 min (2026-11-21 12:02:00 UTC)',
    );
    expect(whyBlocked({ profileId: 'anthropic:work', state: REFUSED, readyAtMs: undefined }, NOW)).toBe(
      'anthropic:work refused by the provider (HTTP 401), until it is tested or replaced',
    );
  });
});
