import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/providers/provider.ts';
import type { Blocked } from '../../src/rotation/choose.ts';
import { answerWhenNothingUsable, mayFallBack, retryAdvice } from '../../src/rotation/nothing-usable.ts';
import type { HealthState, Outcome } from '../../src/rotation/types.ts';
import { NOW, state } from './samples.ts';

function blocked(id: string, change: Partial<HealthState>): Blocked {
  const given = state({ profileId: id, ...change });
  return { profileId: id, state: given, readyAtMs: given.untilMs ?? undefined };
}

const COOLING = blocked('anthropic:work', { untilMs: NOW + 30_000 });
const UNPAID = blocked('anthropic:home', { reason: 'billing', kind: 'disabled', httpStatus: 402, untilMs: NOW + 9e6 });
const REFUSED = blocked('anthropic:plan', { model: null, reason: 'auth', httpStatus: 401, untilMs: null });

function told(list: readonly Blocked[], dialect: Dialect = 'anthropic') {
  return answerWhenNothingUsable(list, { agentId: 'main', dialect, typeOf: () => 'token' }, NOW);
}

describe('answerWhenNothingUsable', () => {
  it('is 429 with retry-after when the soonest is ready within a minute, and names every profile', () => {
    expect(told([COOLING, UNPAID, REFUSED])).toEqual({
      status: 429,
      code: 'NO_USABLE_PROFILE',
      text: 'No available auth profile (all in cooldown/unavailable): anthropic:work rate limited for claude-opus-4-5 (HTTP 429), ready in 30 s (2026-11-21 12:00:30 UTC); anthropic:home out of credit or past a spend limit for claude-opus-4-5 (HTTP 402), ready in 2 h 30 min (2026-11-21 14:30:00 UTC); anthropic:plan refused by the provider (HTTP 401), until it is tested or replaced. Add another profile or wait; auth.unusableProfiles in moltbot models status --json lists them.',
      retryAfterSeconds: 30,
      mayRetry: true,
      openAiType: 'rate_limit_exceeded',
    });
  });

  it('tells a client not to come back when it takes longer than a minute', () => {
    const later = told([blocked('anthropic:work', { untilMs: NOW + 60_001 })]);
    expect([later.status, later.retryAfterSeconds, later.mayRetry]).toEqual([429, undefined, false]);
  });

  it.each<[string, Blocked[], Dialect, number, string, string | undefined]>([
    ['billing before auth', [REFUSED, UNPAID], 'anthropic', 402, 'PROFILES_OUT_OF_CREDIT', 'insufficient_quota'],
    ['billing as OpenAI says it', [UNPAID], 'openai', 429, 'PROFILES_OUT_OF_CREDIT', 'insufficient_quota'],
    ['auth', [REFUSED, REFUSED], 'openai', 401, 'PROFILES_REFUSED', undefined],
    [
      'auth also while it only cools',
      [blocked('a:b', { reason: 'auth', untilMs: NOW + 5_000 })],
      'anthropic',
      401,
      'PROFILES_REFUSED',
      undefined,
    ],
  ])('decides by %s', (_promise, list, dialect, status, code, openAiType) => {
    const { text: _text, ...rest } = told(list, dialect);
    expect(rest).toEqual({ status, code, retryAfterSeconds: undefined, mayRetry: false, openAiType });
  });

  it('says how to renew the one credential that was refused', () => {
    expect(told([REFUSED]).text).toBe(
      '401 / token suddenly invalid: the provider refused the credential of profile "anthropic:plan" (agent "main"). Run claude setup-token again and paste it on the gateway host: moltbot models auth paste-token --provider anthropic --profile-id anthropic:plan',
    );
  });
});

describe('retryAdvice', () => {
  it('rounds up to whole seconds, at least one, at most sixty', () => {
    const advise = (inMs: number | undefined) => retryAdvice(inMs === undefined ? undefined : NOW + inMs, NOW);
    expect([0, 1, 1_001, 60_000].map(advise).map((advice) => advice.retryAfterSeconds)).toEqual([1, 1, 2, 60]);
    const never = { retryAfterSeconds: undefined, mayRetry: false };
    expect([advise(60_001), advise(undefined)]).toEqual([never, never]);
  });
});

describe('mayFallBack', () => {
  it('lets another model answer for trouble with profiles and capacity, never for the request itself', () => {
    const outcomes: Record<Outcome, boolean> = {
      ok: false,
      rate_limited: true,
      billing: true,
      auth: true,
      model_denied: true,
      wrong_client: false,
      overloaded: true,
      server_error: false,
      unreachable: false,
      broken: false,
      rejected: false,
      client_gone: false,
    };
    for (const [outcome, expected] of Object.entries(outcomes))
      expect([outcome, mayFallBack(outcome as Outcome)]).toEqual([outcome, expected]);
  });
});
