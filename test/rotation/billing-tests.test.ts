import { expect, it } from 'vitest';
import { billingTestsDue } from '../../src/rotation/billing-tests.ts';
import { NOW, state } from './samples.ts';

const QUARTER = 15 * 60_000;
const unpaid = { profileId: 'anthropic:work', state: state({ reason: 'billing' }), readyAtMs: NOW + 9e6 };
const cooling = { profileId: 'anthropic:home', state: state(), readyAtMs: NOW + 9e6 };

it('tests profiles without credit again every 15 minutes while nothing else is left', () => {
  const due = (atMs: number, testedAtMs: [string, number][] = []) =>
    billingTestsDue([unpaid, cooling], new Map(testedAtMs), atMs);
  expect(due(NOW + QUARTER - 1)).toEqual([]);
  expect(due(NOW + QUARTER)).toEqual(['anthropic:work']);
  expect(due(NOW + QUARTER, [['anthropic:work', NOW + 1]])).toEqual([]);
  expect(due(NOW + QUARTER + 1, [['anthropic:work', NOW + 1]])).toEqual(['anthropic:work']);
});
