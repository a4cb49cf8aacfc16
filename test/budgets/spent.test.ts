import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Budget } from '../../src/budgets/budget.ts';
import { spentDetail, spentSince } from '../../src/budgets/spent.ts';
import { Database } from '../../src/database/database.ts';
import { BOOKING } from '../ledger/samples.ts';
import { type WrittenRow, writeRows } from './written-rows.ts';

const QUARTER_MS = 900_000;
const START = 1_000 * QUARTER_MS;

let home: string;
let database: Database;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'moltbot-spent-'));
  database = Database.open(join(home, 'state.sqlite'));
});
afterEach(() => {
  database.close();
  rmSync(home, { recursive: true, force: true });
});

const write = (...rows: WrittenRow[]) => writeRows(database, START, rows);

const budget = (scope: Budget['scope'] = {}): Budget => ({
  name: 'cap',
  scope,
  unit: 'nanoUsd',
  amount: 1,
  per: 'day',
  isHard: false,
  alertAt: [],
  unpricedNanoUsd: undefined,
});
const requests = (scope: Budget['scope']) => spentSince(database, budget(scope), START).requests;

describe('what a budget has spent', () => {
  it('is what was booked and what stays charged of answers nobody heard of', async () => {
    const reserved = { reservedNanoUsd: 7_000, reservedTokens: 70 };
    await write(
      { booking: { ...BOOKING, cacheReadTokens: 3, cacheWrite5mTokens: 4, cacheWrite1hTokens: 5 } },
      { ...reserved, booking: null, outcome: 'broken' },
      { ...reserved, booking: { ...BOOKING, costNanoUsd: null } },
      { ...reserved, booking: null, outcome: 'unreachable' },
      { ...reserved, isOpen: true },
      { isSimulated: true },
    );
    expect(spentDetail(database, budget(), START)).toEqual({
      nanoUsd: 20_000 + 7_000 + 7_000 + 20_000,
      tokens: 24 + 70 + 12 + 12,
      requests: 4,
      simulated: { nanoUsd: 20_000, tokens: 12, requests: 1 },
      held: { nanoUsd: 14_000, tokens: 70, requests: 2 },
      unpriced: 1,
    });
    expect(spentSince(database, budget(), START)).toEqual({ nanoUsd: 54_000, tokens: 118, requests: 4 });
  });

  it('begins at its moment, also in the middle of a quarter of an hour', async () => {
    await write(...[-1, 0, 1, QUARTER_MS].map((ms) => ({ admittedAtMs: START + ms })));
    const since = (ms: number) => spentSince(database, budget(), START + ms).requests;
    expect([since(-2), since(-1), since(0), since(1), since(2), since(QUARTER_MS + 1)]).toEqual([4, 4, 3, 2, 1, 0]);
  });

  it('is that of its scope, whatever a model was called', async () => {
    await write(
      { modelServed: 'claude-haiku-4-5-20251001' },
      { agentId: 'reviewer', modelServed: 'claude-opus-4-7', tokenLabel: null },
      { agentId: 'reviewer', profileAgentId: 'reviewer' },
      { provider: 'xai', modelServed: null, tokenLabel: 'nightly' },
    );
    expect({
      everything: requests({}),
      agent: requests({ agentId: 'reviewer' }),
      profile: requests({ profileAgentId: 'main', profileId: 'anthropic:work' }),
      model: requests({ provider: 'anthropic', model: 'claude-haiku-4-5' }),
      label: requests({ label: 'ci' }),
      both: requests({ agentId: 'reviewer', provider: 'anthropic', model: 'claude-haiku-4-5' }),
      nobody: requests({ agentId: 'nobody' }),
    }).toEqual({ everything: 4, agent: 2, profile: 3, model: 2, label: 2, both: 1, nobody: 0 });
  });
});
