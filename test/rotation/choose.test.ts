import { describe, expect, it } from 'vitest';
import { type Choice, choose } from '../../src/rotation/choose.ts';
import { scopeKey } from '../../src/rotation/window.ts';
import { context, key, NOW, OPUS, state, token } from './samples.ts';

const HOME = key('anthropic:home');
const WORK = key('anthropic:work');
const PLAN = token('anthropic:plan');

function use(profileId: string, change: Partial<Extract<Choice, { kind: 'use' }>> = {}): Choice {
  return { kind: 'use', profileId, probes: [], leavesSubscription: false, ...change };
}

describe('choose, in order', () => {
  it('takes the least recently used, then the smaller id', () => {
    const candidates = [key('anthropic:c', 5), key('anthropic:b'), key('anthropic:a'), key('anthropic:d', 1)];
    const tried = new Set<string>();
    const order: string[] = [];
    for (;;) {
      const choice = choose(candidates, [], context({ tried: new Set(tried) }), NOW);
      if (choice.kind !== 'use') break;
      order.push(choice.profileId);
      tried.add(choice.profileId);
    }
    expect(order).toEqual(['anthropic:a', 'anthropic:b', 'anthropic:d', 'anthropic:c']);
  });

  it("takes exactly a person's order, without profiles that are gone", () => {
    const order = ['anthropic:gone', 'anthropic:work', 'anthropic:home', 'anthropic:work'];
    const third = key('anthropic:a-third');
    expect(choose([HOME, WORK, third], [], context({ order }), NOW)).toEqual(use('anthropic:work'));
    const tried = new Set(['anthropic:work', 'anthropic:home']);
    expect(choose([HOME, WORK, third], [], context({ order, tried }), NOW)).toEqual({
      kind: 'blocked',
      soonestAtMs: undefined,
      blocked: [],
    });
  });

  it('takes the pinned profile or none, whatever the order and the session say', () => {
    const pinned = context({ pin: 'anthropic:work', order: ['anthropic:home'], stickyProfileId: 'anthropic:home' });
    expect(choose([HOME, WORK], [], pinned, NOW)).toEqual(use('anthropic:work'));
    expect(choose([HOME], [], pinned, NOW)).toEqual({ kind: 'none', expired: [] });
    expect(choose([HOME, WORK], [state()], pinned, NOW)).toEqual({
      kind: 'blocked',
      soonestAtMs: NOW + 60_000,
      blocked: [{ profileId: 'anthropic:work', state: state(), readyAtMs: NOW + 60_000 }],
    });
  });

  it('answers no candidate at all differently from none usable now', () => {
    expect(choose([], [], context(), NOW)).toEqual({ kind: 'none', expired: [] });
    expect(choose([WORK], [state()], context(), NOW).kind).toBe('blocked');
  });

  it('names unusable ones soonest first, those that only a person ends last', () => {
    const states = [
      state({ profileId: 'anthropic:a', model: null, untilMs: null, kind: 'disabled', reason: 'auth' }),
      state({ profileId: 'anthropic:b', untilMs: NOW + 500 }),
      state({ profileId: 'anthropic:c', untilMs: NOW + 20 }),
      state({ profileId: 'anthropic:c', model: null, untilMs: NOW + 90 }),
    ];
    const choice = choose(
      ['a', 'b', 'c'].map((id) => key(`anthropic:${id}`)),
      states,
      context(),
      NOW,
    );
    expect(choice).toEqual({
      kind: 'blocked',
      soonestAtMs: NOW + 90,
      blocked: [
        { profileId: 'anthropic:c', state: states[3], readyAtMs: NOW + 90 },
        { profileId: 'anthropic:b', state: states[1], readyAtMs: NOW + 500 },
        { profileId: 'anthropic:a', state: states[0], readyAtMs: undefined },
      ],
    });
  });
});

describe('choose, subscription tokens', () => {
  it('takes a token first for Claude Code and passes it over for every other client', () => {
    expect(choose([HOME, PLAN], [], context({ isClaudeCode: true }), NOW)).toEqual(use('anthropic:plan'));
    expect(choose([HOME, PLAN], [], context(), NOW)).toEqual(use('anthropic:home'));
    expect(choose([PLAN], [], context(), NOW)).toEqual({ kind: 'none', expired: [] });
  });

  it("takes it for other clients when a person's order or pin names it", () => {
    expect(choose([HOME, PLAN], [], context({ order: ['anthropic:plan'] }), NOW)).toEqual(use('anthropic:plan'));
    expect(choose([HOME, PLAN], [], context({ pin: 'anthropic:plan' }), NOW)).toEqual(use('anthropic:plan'));
  });

  it('does not take it because of the session alone', () => {
    expect(choose([HOME, PLAN], [], context({ stickyProfileId: 'anthropic:plan' }), NOW)).toEqual(
      use('anthropic:home'),
    );
  });

  it('never takes an expired one, and says which it was', () => {
    const expired = token('anthropic:plan', NOW);
    expect(choose([expired, HOME], [], context({ isClaudeCode: true }), NOW)).toEqual(
      use('anthropic:home', { leavesSubscription: true }),
    );
    expect(choose([expired], [], context({ isClaudeCode: true }), NOW)).toEqual({
      kind: 'none',
      expired: ['anthropic:plan'],
    });
    expect(choose([token('anthropic:plan', NOW + 1)], [], context({ isClaudeCode: true }), NOW)).toEqual(
      use('anthropic:plan'),
    );
  });

  it('says when a request goes on to a paid key, and does not go on when that is forbidden', () => {
    const usedUp = state({ profileId: 'anthropic:plan', model: null });
    const claudeCode = context({ isClaudeCode: true });
    expect(choose([HOME, PLAN], [usedUp], claudeCode, NOW)).toEqual(
      use('anthropic:home', { leavesSubscription: true }),
    );
    const forbidden = { ...claudeCode, paidFallback: false };
    expect(choose([HOME, PLAN], [usedUp], forbidden, NOW)).toEqual({
      kind: 'blocked',
      soonestAtMs: NOW + 60_000,
      blocked: [{ profileId: 'anthropic:plan', state: usedUp, readyAtMs: NOW + 60_000 }],
    });
    expect(choose([HOME, token('anthropic:plan', NOW)], [], forbidden, NOW)).toEqual({
      kind: 'none',
      expired: ['anthropic:plan'],
    });
    expect(choose([HOME, PLAN], [], { ...forbidden, stickyProfileId: 'anthropic:home' }, NOW)).toEqual(
      use('anthropic:plan'),
    );
  });

  it('still serves clients that no subscription stands before when the way to a paid key is forbidden', () => {
    expect(choose([HOME, PLAN], [], context({ paidFallback: false }), NOW)).toEqual(use('anthropic:home'));
    const order = ['anthropic:home', 'anthropic:plan'];
    expect(choose([HOME, PLAN], [], context({ paidFallback: false, order }), NOW)).toEqual(use('anthropic:home'));
  });
});

describe('choose, sessions', () => {
  it('keeps a session on its profile while that is usable, and moves it on when it is not', () => {
    const sticky = context({ stickyProfileId: 'anthropic:work' });
    expect(choose([HOME, WORK], [], sticky, NOW)).toEqual(use('anthropic:work'));
    expect(choose([HOME, WORK], [state({ model: 'claude-haiku-4-5' })], sticky, NOW)).toEqual(use('anthropic:work'));
    expect(choose([HOME, WORK], [state()], sticky, NOW)).toEqual(use('anthropic:home'));
    expect(choose([HOME], [], sticky, NOW)).toEqual(use('anthropic:home'));
    expect(choose([HOME, WORK], [], { ...sticky, tried: new Set(['anthropic:work']) }, NOW)).toEqual(
      use('anthropic:home'),
    );
  });

  it('does not let a session leave the order a person set', () => {
    const sticky = context({ stickyProfileId: 'anthropic:home', order: ['anthropic:work'] });
    expect(choose([HOME, WORK], [], sticky, NOW)).toEqual(use('anthropic:work'));
  });
});

describe('choose, half-open', () => {
  const ended = state({ untilMs: NOW });
  const order = ['anthropic:work', 'anthropic:home'];

  it('lets one request probe when the window has ended; the others still see it as cooling', () => {
    const probe = scopeKey(ended);
    expect(choose([HOME, WORK], [ended], context({ order }), NOW)).toEqual(use('anthropic:work', { probes: [probe] }));
    const busy = context({ order, probing: new Set([probe]) });
    expect(choose([HOME, WORK], [ended], busy, NOW)).toEqual(use('anthropic:home'));
    expect(choose([WORK], [ended], busy, NOW)).toEqual({
      kind: 'blocked',
      soonestAtMs: NOW + 1_000,
      blocked: [{ profileId: 'anthropic:work', state: ended, readyAtMs: NOW + 1_000 }],
    });
  });

  it('probes the profile and the model with one request when both are half-open', () => {
    const whole = state({ model: null, untilMs: NOW - 1 });
    expect(choose([WORK], [ended, whole], context(), NOW)).toEqual(
      use('anthropic:work', { probes: [scopeKey(ended), scopeKey(whole)] }),
    );
  });

  it('does not probe a model with a request for another', () => {
    expect(choose([WORK], [ended], context({ model: 'claude-haiku-4-5' }), NOW)).toEqual(use('anthropic:work'));
    expect(choose([WORK], [ended], context({ model: undefined }), NOW)).toEqual(use('anthropic:work'));
  });

  it('knows a granted profile by its owner, also beside an own one of the same name', () => {
    const granted = key('main/anthropic:work');
    const reviewer = context({ agentId: 'reviewer', order: ['main/anthropic:work', 'anthropic:work'] });
    expect(choose([granted, WORK], [state()], reviewer, NOW)).toEqual(use('anthropic:work'));
    expect(choose([granted, WORK], [state({ agentId: 'reviewer' })], reviewer, NOW)).toEqual(
      use('main/anthropic:work'),
    );
    const half = choose([granted], [ended], reviewer, NOW);
    expect(half.kind === 'use' && half.probes).toEqual([
      scopeKey({ agentId: 'main', profileId: 'anthropic:work', model: OPUS }),
    ]);
  });
});
