import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { budgetsOf } from '../../src/budgets/budget.ts';
import { budgetState } from '../../src/budgets/budget-state.ts';
import { BudgetStateStore } from '../../src/budgets/budget-state-store.ts';
import { boundsInUse, overshootOf } from '../../src/budgets/overshoot.ts';
import { withDefaults } from '../../src/config/with-defaults.ts';
import { Database } from '../../src/database/database.ts';
import { costing, type WrittenRow, writeRows } from './written-rows.ts';

const HOUR_MS = 3_600_000;
const USD = 1_000_000_000;
const NOW = Date.UTC(2026, 10, 21, 12, 0);

let directory: string;
let database: Database;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-budget-'));
  database = Database.open(join(directory, 'state.sqlite'));
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

const budgetOf = (written: object) => budgetsOf(withDefaults({ budgets: { main: written } }).config)[0]!;
const stateOf = (written: object, nowMs = NOW, timeZone = 'UTC') =>
  budgetState(database, budgetOf(written), timeZone, nowMs);
const write = (...rows: WrittenRow[]) => writeRows(database, NOW - 30 * 60_000, rows);
const held = (usd: number, bound: number): WrittenRow => ({
  reservedNanoUsd: usd * USD,
  reservedTokens: usd * 100,
  boundNanoUsd: bound * USD,
  boundTokens: bound * 100,
});
const five = { usd: 5, per: 'day' };

describe('the state of a budget', () => {
  it('is what was spent, what requests under way hold, and what is left', async () => {
    await write(
      costing(USD),
      { ...costing(USD / 2), isSimulated: true },
      { ...held(0.25, 1), booking: null, outcome: 'broken' },
      { ...held(0.5, 2), isOpen: true },
      { isOpen: true, boundNanoUsd: null },
      { ...costing(3 * USD), agentId: 'other' },
    );
    expect(stateOf(five)).toEqual({
      budget: budgetOf(five),
      window: { startMs: Date.UTC(2026, 10, 21), endMs: Date.UTC(2026, 10, 22) },
      spent: 1.75 * USD,
      reserved: 0.5 * USD,
      remaining: 2.75 * USD,
      simulated: 0.5 * USD,
      held: 0.25 * USD,
      unpriced: 0,
      isUsedUp: false,
      usedUpSinceMs: null,
      emptyAtMs: NOW + Math.ceil((3.25 / 1.75) * HOUR_MS),
    });
    expect(stateOf({ requests: 3, per: 'total' })).toMatchObject({
      spent: 3,
      reserved: 1,
      remaining: 0,
      isUsedUp: true,
    });
    expect(stateOf({ tokens: 1_000, per: 'total' })).toMatchObject({
      spent: 12 + 12 + 25,
      reserved: 50,
      remaining: 901,
    });
  });

  it('is nothing spent while there is no database', () => {
    expect(budgetState(undefined, budgetOf(five), 'UTC', NOW)).toMatchObject({
      spent: 0,
      reserved: 0,
      remaining: 5 * USD,
      isUsedUp: false,
      emptyAtMs: null,
    });
  });

  it('is used up from its whole amount on, since the moment that the gateway noted', async () => {
    await write(costing(5 * USD));
    expect(stateOf(five)).toMatchObject({ isUsedUp: true, remaining: 0, usedUpSinceMs: null, emptyAtMs: null });
    const memory = { name: 'main', windowStartMs: NOW, toldShare: 1, usedUpSinceMs: NOW - 1 };
    new BudgetStateStore(database).save(memory);
    expect(stateOf(five)).toMatchObject({ isUsedUp: true, usedUpSinceMs: NOW - 1 });
    expect(stateOf({ ...five, usd: 5.01 })).toMatchObject({ isUsedUp: false, usedUpSinceMs: null });
    expect(stateOf({ ...five, usd: 0 })).toMatchObject({ isUsedUp: true, remaining: 0 });
  });

  it('begins and ends with the day of its time zone, which is 25 hours long when clocks go back', async () => {
    const midnight = Date.UTC(2026, 9, 24, 22);
    const row = (atMs: number): WrittenRow => ({ ...costing(USD), admittedAtMs: atMs });
    const lastMs = midnight + 25 * HOUR_MS - 1;
    await write(row(midnight - 1), row(midnight), row(lastMs));
    expect(stateOf(five, lastMs, 'Europe/Berlin')).toMatchObject({
      window: { startMs: midnight, endMs: lastMs + 1 },
      spent: 2 * USD,
    });
    await write(row(lastMs + 1));
    expect(stateOf(five, lastMs + 1, 'Europe/Berlin')).toMatchObject({
      window: { startMs: lastMs + 1, endMs: lastMs + 1 + 24 * HOUR_MS },
      spent: USD,
    });
  });

  it.each([
    ['when nothing was spent in the last hour', 2 * HOUR_MS, 4, five, null],
    ['when it will not be empty before it resets', 0.5 * HOUR_MS, 0.01, five, null],
    ['also of a window that rolls on', 0.5 * HOUR_MS, 4, { ...five, per: '30d' }, NOW + HOUR_MS / 4],
    ['also of one that never ends', 0.5 * HOUR_MS, 1, { ...five, per: 'total' }, NOW + 4 * HOUR_MS],
  ])('has a pace, %s', async (_when, agoMs, usd, written, emptyAtMs) => {
    await write({ ...costing(usd * USD), admittedAtMs: NOW - agoMs });
    expect(stateOf(written).emptyAtMs).toBe(emptyAtMs);
  });
});

describe('the worst case of a budget', () => {
  const overshoot = (written: object, concurrency?: number) => {
    const state = stateOf(written);
    return overshootOf(database, state, boundsInUse(database, state.budget, NOW), concurrency);
  };

  it('is nothing over a hard one and over one of requests', async () => {
    await write({ ...held(1, 4), isOpen: true });
    expect(overshoot({ ...five, enforcement: 'hard' })).toBe(0);
    expect(overshoot({ requests: 1, per: 'day' })).toBe(0);
  });

  it('is what requests under way and those that still fit may cost above their reservations, and one more', async () => {
    await write({ ...costing(USD), ...held(0.5, 2) }, { ...held(1, 4), isOpen: true });
    // While there is no habit a tenth is reserved: under way 1, and left 5 − 1 − 1, nine times over; the largest is 4.
    expect(overshoot(five)).toBe((9 + 3 * 9 + 4) * USD);
    expect(overshoot({ tokens: 1_000, per: 'day' })).toBe(900 + (1_000 - 12 - 100) * 9 + 400);
  });

  it('counts what others may cost above it in the place of requests under way that take nothing', async () => {
    await write({ ...costing(USD), ...held(0.5, 2) }, { ...held(1, 1.5), isOpen: true });
    expect(overshoot(five)).toBe((1 * 9 + 3 * 9 + 2) * USD);
  });

  it('goes by the habits by which the next requests are held, also where rows have what a hard budget held', async () => {
    await write({ ...costing(USD), ...held(2, 2) });
    const excess = () => boundsInUse(database, budgetOf(five), NOW)?.excess;
    expect(excess()).toBe(9);
    await write(...Array.from({ length: 20 }, () => ({ ...costing(0.5 * USD), ...held(2, 2) })));
    // The habit is that of the newest 21: the dearest of them is the one in twenty that is left out.
    expect(excess()).toBe(3);
  });

  it('is no more than what so many requests at a time may cost', async () => {
    await write({ ...costing(USD), ...held(0.5, 2) });
    expect([overshoot(five, 2), overshoot(five, 100)]).toEqual([4 * USD, (4 * 9 + 2) * USD]);
  });

  it('is only what is under way where all is spent, and not known where nothing was seen', async () => {
    expect(overshoot(five)).toBeUndefined();
    await write(costing(5 * USD), { ...held(0.5, 2), isOpen: true });
    expect(overshoot(five)).toBe(1.5 * USD);
  });

  it('looks at the requests of its scope of the last 30 days', async () => {
    await write(
      { ...held(1, 9), admittedAtMs: NOW - 31 * 24 * HOUR_MS },
      { ...held(1, 8), agentId: 'other' },
      held(1, 3),
      { ...held(1, 2), modelServed: 'claude-opus-4-7' },
    );
    const inUse = (written: object) => boundsInUse(database, budgetOf(written), NOW);
    const opus = { agent: 'main', model: 'anthropic/claude-opus-4.7' };
    expect(inUse(five)).toEqual({ bound: 3 * USD, model: 'anthropic/claude-haiku-4-5', excess: 9 });
    expect(inUse({ ...five, scope: opus })).toEqual({ bound: 2 * USD, model: 'anthropic/claude-opus-4-7', excess: 9 });
    expect(inUse({ requests: 1, per: 'day' })).toBeUndefined();
  });
});
