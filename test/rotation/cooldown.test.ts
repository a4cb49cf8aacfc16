import { describe, expect, it } from 'vitest';
import { type HealthChange, isForgotten, nextStates } from '../../src/rotation/cooldown.ts';
import { outcomeOf, outcomeWithoutAnswer } from '../../src/rotation/outcome.ts';
import type { HealthState, Judgement } from '../../src/rotation/types.ts';
import {
  AUTH,
  answer,
  anthropicError,
  BILLING,
  CONFIG,
  DENIED,
  judgement,
  NOW,
  OK,
  OPUS,
  occurrence,
  state,
} from './samples.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LIMITED = judgement();

function setStates(changes: readonly HealthChange[]): HealthState[] {
  return changes.flatMap((change) => (change.kind === 'set' ? [change.state] : []));
}

/** Fails again and again, each time in the moment the window has ended, and gives the length of each window. */
function windows(judged: Judgement, times: number): (number | null)[] {
  const lengths: (number | null)[] = [];
  let states: HealthState[] = [];
  let nowMs = NOW;
  for (let i = 0; i < times; i++) {
    states = setStates(nextStates(states, judged, occurrence({ servedByAnother: true }), nowMs));
    const untilMs = states[0]!.untilMs;
    lengths.push(untilMs === null ? null : untilMs - nowMs);
    nowMs = untilMs ?? nowMs;
  }
  return lengths;
}

describe('nextStates', () => {
  it('writes down which answer caused a cooldown, since when, until when and for whom', () => {
    const judged = judgement({ readyAtMs: NOW + 120_000 });
    expect(nextStates([], judged, occurrence({ causedBy: 'reviewer' }), NOW)).toEqual([
      { kind: 'set', state: state({ untilMs: NOW + 120_000, causedBy: 'reviewer' }) },
    ]);
  });

  it('climbs 1 min, 5 min, 25 min, 1 h and stays there', () => {
    expect(windows(LIMITED, 6)).toEqual([1, 5, 25, 60, 60, 60].map((minutes) => minutes * MINUTE));
  });

  it('disables for 5 h, 10 h, 20 h and then 24 h without credit', () => {
    expect(windows(BILLING, 5)).toEqual([5, 10, 20, 24, 24].map((hours) => hours * HOUR));
    expect(setStates(nextStates([], BILLING, occurrence(), NOW))[0]).toEqual(
      state({
        model: null,
        kind: 'disabled',
        reason: 'billing',
        outcome: 'billing',
        httpStatus: 402,
        errorType: 'billing_error',
        untilMs: NOW + 5 * HOUR,
      }),
    );
  });

  it('never disables past the reset the provider names, and never longer than the backoff', () => {
    const until = (readyAtMs: number) =>
      setStates(nextStates([], judgement({ ...BILLING, readyAtMs }), occurrence(), NOW))[0]!.untilMs;
    expect([until(NOW + 2 * HOUR), until(NOW + 30 * DAY)]).toEqual([NOW + 2 * HOUR, NOW + 5 * HOUR]);
  });

  it('disables a credential that was refused three times in a row, until somebody acts', () => {
    expect(windows(AUTH, 3)).toEqual([MINUTE, 5 * MINUTE, null]);
    const second = state({ model: null, reason: 'auth', rung: 1, failuresInARow: 2, sinceMs: NOW - HOUR });
    const [third] = setStates(nextStates([{ ...second, untilMs: NOW }], AUTH, occurrence(), NOW));
    expect(third).toEqual({
      ...second,
      kind: 'disabled',
      outcome: 'auth',
      httpStatus: 401,
      errorType: 'authentication_error',
      sinceMs: NOW,
      untilMs: null,
      rung: 2,
      failuresInARow: 3,
    });
  });

  it('does not count refusals in a row across another failure', () => {
    const refused = state({ model: null, reason: 'auth', rung: 1, failuresInARow: 2, untilMs: NOW });
    const [unpaid] = setStates(nextStates([refused], BILLING, occurrence(), NOW));
    expect([unpaid!.rung, unpaid!.failuresInARow]).toEqual([0, 1]);
    const later = NOW + 5 * HOUR;
    const [again] = setStates(nextStates([unpaid!], AUTH, occurrence(), later));
    expect([again!.failuresInARow, again!.untilMs]).toEqual([1, later + MINUTE]);
  });

  it('holds a missing model against a profile only when another one has served it', () => {
    expect(nextStates([], DENIED, occurrence({ servedByAnother: false }), NOW)).toEqual([]);
    const [denied] = setStates(nextStates([], DENIED, occurrence({ servedByAnother: true }), NOW));
    expect(denied).toEqual(
      state({
        reason: 'model_denied',
        outcome: 'model_denied',
        httpStatus: 404,
        errorType: 'not_found_error',
        untilMs: NOW + 5 * MINUTE,
      }),
    );
  });

  it('lets a probe that is denied the model again take the next rung, never under five minutes', () => {
    const denied = state({ reason: 'model_denied', outcome: 'model_denied', untilMs: NOW });
    const [again] = setStates(nextStates([denied], DENIED, occurrence({ servedByAnother: false }), NOW));
    expect([again!.rung, again!.untilMs]).toEqual([1, NOW + 5 * MINUTE]);
    expect(windows(DENIED, 5)).toEqual([5, 5, 25, 60, 60].map((minutes) => minutes * MINUTE));
  });

  it('changes nothing on a failure inside the window', () => {
    const closed = state({ untilMs: NOW + 1 });
    expect(nextStates([closed], judgement({ readyAtMs: NOW + HOUR }), occurrence(), NOW)).toEqual([]);
    expect(setStates(nextStates([closed], LIMITED, occurrence(), NOW + 1))[0]!.rung).toBe(1);
  });

  it("changes nothing for a model inside the whole profile's window, but the other way round it does", () => {
    const whole = state({ model: null, reason: 'auth' });
    expect(nextStates([whole], LIMITED, occurrence(), NOW)).toEqual([]);
    expect(setStates(nextStates([state()], AUTH, occurrence(), NOW)).map((each) => each.model)).toEqual([null]);
  });

  it('starts at the foot again after a success', () => {
    const third = state({ rung: 2, failuresInARow: 3, untilMs: NOW });
    expect(nextStates([third], OK, occurrence(), NOW)).toEqual([
      { kind: 'clear', scope: { agentId: 'main', profileId: 'anthropic:work', model: OPUS } },
    ]);
  });

  it('starts at the foot again after 24 h without a failure', () => {
    const old = state({ rung: 3, failuresInARow: 4, untilMs: NOW, lastFailureMs: NOW - DAY });
    const recent = { ...old, lastFailureMs: NOW - DAY + 1 };
    const rungs = [old, recent].map((each) => setStates(nextStates([each], LIMITED, occurrence(), NOW))[0]!.rung);
    expect(rungs).toEqual([0, 4]);
    expect([isForgotten(old, CONFIG, NOW), isForgotten(recent, CONFIG, NOW)]).toEqual([true, false]);
  });

  it('counts the quiet time of a disabled profile from the end of its window', () => {
    const unpaid = state({ model: null, kind: 'disabled', reason: 'billing', untilMs: NOW, lastFailureMs: NOW - DAY });
    expect([NOW, NOW + DAY - 1, NOW + DAY].map((atMs) => isForgotten(unpaid, CONFIG, atMs))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('clears the model on any success and the whole profile once its window has ended', () => {
    const model = state();
    const otherModel = state({ model: 'claude-haiku-4-5' });
    const whole = state({ model: null, untilMs: NOW });
    const cleared = (states: HealthState[]) =>
      nextStates(states, OK, occurrence(), NOW).map((change) => change.kind === 'clear' && change.scope.model);
    expect(cleared([model, otherModel, whole])).toEqual([OPUS, null]);
    expect(cleared([model, { ...whole, untilMs: NOW + 1 }])).toEqual([OPUS]);
    expect(cleared([{ ...whole, untilMs: null }])).toEqual([]);
  });

  it("leaves other profiles and other agents' profiles of the same name alone", () => {
    const others = [state({ profileId: 'anthropic:home' }), state({ agentId: 'reviewer' })];
    expect(nextStates(others, OK, occurrence(), NOW)).toEqual([]);
    expect(setStates(nextStates(others, LIMITED, occurrence(), NOW))[0]!.rung).toBe(0);
  });

  it('writes nothing for a limit whose model is not known', () => {
    expect(nextStates([], LIMITED, occurrence({ model: undefined }), NOW)).toEqual([]);
    expect(setStates(nextStates([], AUTH, occurrence({ model: undefined }), NOW))).toHaveLength(1);
  });

  it.each([
    outcomeOf(answer({ status: 400, errorBody: anthropicError('invalid_request_error', 'bad') }), NOW),
    outcomeOf(answer({ status: 404 }), NOW),
    outcomeOf(answer({ status: 400, errorBody: anthropicError('x', 'only authorized for use with Claude Code') }), NOW),
    outcomeOf(answer({ status: 529 }), NOW),
    outcomeOf(answer({ status: 500 }), NOW),
    outcomeWithoutAnswer('unreachable'),
    outcomeWithoutAnswer('broken'),
    outcomeWithoutAnswer('client_gone'),
    outcomeOf(answer({ status: 429, purpose: 'count' }), NOW),
    outcomeOf(answer({ status: 200, purpose: 'models' }), NOW),
  ])('never changes a profile for $outcome ($httpStatus)', (judged) => {
    const states = [state({ untilMs: NOW }), state({ model: null, untilMs: NOW })];
    expect(nextStates(states, judged, occurrence({ servedByAnother: true }), NOW)).toEqual([]);
    expect(nextStates([], judged, occurrence({ servedByAnother: true }), NOW)).toEqual([]);
  });
});
