import { expect, it } from 'vitest';
import { billingTestsDue, nextTestAtMs, type Retest } from '../../src/rotation/billing-tests.ts';
import { NOW, state } from './samples.ts';

const QUARTER = 15 * 60_000;
const unpaid = { profileId: 'anthropic:work', state: state({ reason: 'billing' }), readyAtMs: NOW + 9e6 };
const cooling = { profileId: 'anthropic:home', state: state(), readyAtMs: NOW + 9e6 };

function testedAt(testedAtMs: number): Retest {
  const of = { agentId: 'main', profileId: 'anthropic:work' };
  return { ...of, askedAtMs: null, testedAtMs, verdict: 'valid_unusable', httpStatus: 402, errorType: 'billing_error' };
}

it('tests profiles without credit again every 15 minutes while nothing else is left', () => {
  const due = (atMs: number, retests: Retest[] = []) => billingTestsDue([unpaid, cooling], retests, atMs);
  expect(due(NOW + QUARTER - 1)).toEqual([]);
  expect(due(NOW + QUARTER)).toEqual([unpaid.state]);
  expect(due(NOW + QUARTER, [testedAt(NOW + 1)])).toEqual([]);
  expect(due(NOW + QUARTER + 1, [testedAt(NOW + 1)])).toEqual([unpaid.state]);
});

it('says when the next one comes, by the newest test of that profile of that agent', () => {
  expect(nextTestAtMs(unpaid.state, [])).toBe(NOW + QUARTER);
  const others = { ...testedAt(NOW + 9e6), agentId: 'reviewer' };
  expect(nextTestAtMs(unpaid.state, [others, testedAt(NOW + QUARTER)])).toBe(NOW + 2 * QUARTER);
});
