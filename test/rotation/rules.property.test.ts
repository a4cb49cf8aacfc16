import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChoiceContext, choose } from '../../src/rotation/choose.ts';
import { type HealthChange, nextStates } from '../../src/rotation/cooldown.ts';
import { outcomeOf, outcomeWithoutAnswer } from '../../src/rotation/outcome.ts';
import type { Candidate, HealthState, Judgement } from '../../src/rotation/types.ts';
import { covers, isClosed, scopeKey } from '../../src/rotation/window.ts';
import { answer, anthropicError, context, key, NOW, occurrence, token } from './samples.ts';

const IDS = ['anthropic:a', 'anthropic:b', 'anthropic:c'];
const MODELS = ['opus', 'haiku'];

/** What a provider may do to one request, and which profile and model it was; then time passes. */
interface Step {
  readonly profileId: string;
  readonly model: string;
  readonly judge: (nowMs: number) => Judgement;
  readonly servedByAnother: boolean;
  readonly passesMs: number;
}

const answers = fc.oneof(
  fc.constantFrom(
    answer({ status: 200 }),
    answer({ status: 402 }),
    answer({ status: 401 }),
    answer({ status: 404, errorBody: anthropicError('not_found_error', 'model: opus') }),
    answer({ status: 404 }),
    answer({ status: 400 }),
    answer({ status: 400, errorBody: anthropicError('x', 'only authorized for use with Claude Code') }),
    answer({ status: 529 }),
    answer({ status: 500 }),
    answer({ status: 200, purpose: 'count' }),
  ),
  fc
    .record({ 'retry-after': fc.oneof(fc.constant('120'), fc.string(), fc.integer().map(String)) })
    .map((headers) => answer({ status: 429, headers })),
  fc.integer({ min: -10, max: 400_000 }).map((seconds) =>
    answer({
      status: 429,
      headers: {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': String(NOW / 1_000 + seconds),
      },
    }),
  ),
);

const judges: fc.Arbitrary<Step['judge']> = fc.oneof(
  { weight: 5, arbitrary: answers.map((given) => (nowMs: number) => outcomeOf(given, nowMs)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('unreachable' as const, 'broken' as const, 'client_gone' as const)
      .map((outcome) => () => outcomeWithoutAnswer(outcome)),
  },
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    profileId: fc.constantFrom(...IDS),
    model: fc.constantFrom(...MODELS),
    judge: judges,
    servedByAnother: fc.boolean(),
    // Also backwards: a laptop's clock is corrected now and then.
    passesMs: fc.oneof(
      fc.constantFrom(0, 1, 60_000, 300_000, 86_400_000),
      fc.integer({ min: -600_000, max: 10_000_000 }),
    ),
  }),
  { maxLength: 30 },
);

function apply(states: readonly HealthState[], changes: readonly HealthChange[]): HealthState[] {
  const byScope = new Map(states.map((state) => [scopeKey(state), state]));
  for (const change of changes) {
    if (change.kind === 'set') byScope.set(scopeKey(change.state), change.state);
    else byScope.delete(scopeKey(change.scope));
  }
  return [...byScope.values()];
}

/** Plays the steps and shows each one with the states before and after it. */
function play(
  given: readonly Step[],
  look: (
    before: readonly HealthState[],
    step: Step,
    judged: Judgement,
    after: readonly HealthState[],
    nowMs: number,
  ) => void,
): void {
  let states: readonly HealthState[] = [];
  let nowMs = NOW;
  for (const step of given) {
    const judged = step.judge(nowMs);
    const { profileId, model, servedByAnother } = step;
    const after = apply(states, nextStates(states, judged, occurrence({ profileId, model, servedByAnother }), nowMs));
    look(states, step, judged, after, nowMs);
    states = after;
    nowMs += step.passesMs;
  }
}

const candidates: fc.Arbitrary<Candidate[]> = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.oneof(
        fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }).map((used) => key(id, used)),
        fc
          .option(fc.integer({ min: -1, max: 100_000_000 }), { nil: undefined })
          .map((inMs) => token(id, inMs === undefined ? undefined : NOW + inMs)),
      ),
    ),
  ),
);

const contexts: fc.Arbitrary<ChoiceContext> = fc
  .record({
    model: fc.constantFrom(...MODELS, undefined),
    isClaudeCode: fc.boolean(),
    order: fc.option(fc.shuffledSubarray(IDS), { nil: undefined }),
    pin: fc.option(fc.constantFrom(...IDS), { nil: undefined, freq: 5 }),
    stickyProfileId: fc.option(fc.constantFrom(...IDS), { nil: undefined }),
    paidFallback: fc.constantFrom(true, false, undefined),
    probing: fc
      .subarray(
        IDS.flatMap((profileId) => [...MODELS, null].map((model) => scopeKey({ agentId: 'main', profileId, model }))),
      )
      .map((keys) => new Set(keys)),
    tried: fc.subarray(IDS).map((ids) => new Set(ids)),
  })
  .map((change) => context(change));

/** The rule for one candidate, said once more and more plainly than the code under test says it. */
function isUsable(candidate: Candidate, states: readonly HealthState[], given: ChoiceContext, nowMs: number): boolean {
  if (candidate.expiresAtMs !== undefined && candidate.expiresAtMs <= nowMs) return false;
  if (given.tried.has(candidate.id)) return false;
  const isNamed = given.pin === candidate.id || (given.pin === undefined && given.order?.includes(candidate.id));
  if (given.pin !== undefined && given.pin !== candidate.id) return false;
  if (given.pin === undefined && given.order && !isNamed) return false;
  if (candidate.type === 'token' && !given.isClaudeCode && !isNamed) return false;
  return states
    .filter((state) => state.profileId === candidate.id && covers(state, given.model))
    .every((state) => !isClosed(state, nowMs) && !given.probing.has(scopeKey(state)));
}

describe('for any sequence of answers and clock steps', () => {
  it('a usable candidate is always chosen when one exists, and never one that is not', () => {
    fc.assert(
      fc.property(steps, candidates, contexts, (given, list, asked) => {
        play(given, (_before, _step, _judged, states, nowMs) => {
          const choice = choose(list, states, asked, nowMs);
          const usable = list.filter((candidate) => isUsable(candidate, states, asked, nowMs));
          if (asked.paidFallback !== false) expect(choice.kind === 'use').toBe(usable.length > 0);
          if (choice.kind === 'use') expect(usable.map((candidate) => candidate.id)).toContain(choice.profileId);
        });
      }),
    );
  });

  it('a profile is never chosen while its window is closed, except as the one half-open probe', () => {
    fc.assert(
      fc.property(steps, candidates, contexts, (given, list, asked) => {
        play(given, (_before, _step, _judged, states, nowMs) => {
          const choice = choose(list, states, asked, nowMs);
          if (choice.kind !== 'use') return;
          const covering = states.filter((s) => s.profileId === choice.profileId && covers(s, asked.model));
          expect(covering.filter((state) => isClosed(state, nowMs))).toEqual([]);
          expect(choice.probes).toEqual(covering.map(scopeKey));
          if (choice.probes.length === 0) return;
          const meanwhile = { ...asked, probing: new Set([...asked.probing, ...choice.probes]) };
          const second = choose(list, states, meanwhile, nowMs);
          expect(second.kind === 'use' && second.profileId).not.toBe(choice.profileId);
        });
      }),
    );
  });

  it('windows never move while closed', () => {
    fc.assert(
      fc.property(steps, (given) => {
        play(given, (before, _step, judged, after, nowMs) => {
          for (const state of before.filter((each) => isClosed(each, nowMs))) {
            const same = after.find((each) => scopeKey(each) === scopeKey(state));
            // A success clears what it proves; nothing else touches a closed window.
            if (same) expect(same).toBe(state);
            else expect(judged.outcome).toBe('ok');
          }
        });
      }),
    );
  });

  it('only limits, credit, refusals and missing models are ever held against a profile', () => {
    fc.assert(
      fc.property(steps, (given) => {
        play(given, (before, _step, judged, after) => {
          if (!['ok', 'rate_limited', 'billing', 'auth', 'model_denied'].includes(judged.outcome))
            expect(after).toEqual(before);
        });
      }),
    );
  });

  it('an answer changes only the profile it came from', () => {
    fc.assert(
      fc.property(steps, (given) => {
        play(given, (before, step, _judged, after) => {
          const others = (states: readonly HealthState[]) => states.filter((s) => s.profileId !== step.profileId);
          expect(others(after)).toEqual(others(before));
        });
      }),
    );
  });

  it('a success always clears its scope', () => {
    fc.assert(
      fc.property(steps, (given) => {
        play(given, (_before, step, judged, after, nowMs) => {
          if (judged.outcome !== 'ok' || !judged.affectsHealth) return;
          const mine = after.filter((s) => s.profileId === step.profileId && covers(s, step.model));
          expect(mine.filter((state) => state.model !== null || !isClosed(state, nowMs))).toEqual([]);
        });
      }),
    );
  });

  it('a refused credential is disabled at the third time at the latest', () => {
    fc.assert(
      fc.property(steps, (given) => {
        play(given, (_before, _step, _judged, after) => {
          for (const state of after) {
            expect(state.untilMs === null).toBe(state.reason === 'auth' && state.failuresInARow >= 3);
            expect(state.failuresInARow).toBe(state.rung + 1);
          }
        });
      }),
    );
  });

  it('order is total and stable: the order in which candidates and states are given decides nothing', () => {
    fc.assert(
      fc.property(steps, candidates, contexts, (given, list, asked) => {
        play(given, (_before, _step, _judged, states, nowMs) => {
          const choice = choose(list, states, asked, nowMs);
          const turned = choose(list.toReversed(), states.toReversed(), asked, nowMs);
          if (choice.kind === 'none') return expect(turned).toEqual(choice);
          if (choice.kind === 'blocked') {
            const ids = turned.kind === 'blocked' && turned.blocked.map((each) => each.profileId);
            return expect(ids).toEqual(choice.blocked.map((each) => each.profileId));
          }
          if (turned.kind !== 'use') return expect(turned).toEqual(choice);
          expect({ ...turned, probes: turned.probes.toSorted() }).toEqual({
            ...choice,
            probes: choice.probes.toSorted(),
          });
        });
      }),
    );
  });

  it('serialise → restart → deserialise changes no decision', () => {
    fc.assert(
      fc.property(steps, candidates, contexts, (given, list, asked) => {
        play(given, (before, step, judged, after, nowMs) => {
          const stored = JSON.parse(JSON.stringify(before)) as HealthState[];
          const { profileId, model, servedByAnother } = step;
          const event = occurrence({ profileId, model, servedByAnother });
          expect(apply(stored, nextStates(stored, judged, event, nowMs))).toEqual(after);
          expect(choose(list, stored, asked, nowMs)).toEqual(choose(list, before, asked, nowMs));
        });
      }),
    );
  });
});
