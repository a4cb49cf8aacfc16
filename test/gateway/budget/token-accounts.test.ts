import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TokenStore } from '../../../src/agents/token-store.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { Database } from '../../../src/database/database.ts';
import type { Holder } from '../../../src/gateway/budget/budget-account.ts';
import { TokenAccounts } from '../../../src/gateway/budget/token-accounts.ts';

const NOW_MS = 1_800_000_000_000;

it('keeps the account of a token while it is used or held, and reads it anew after an idle hour', () => {
  const home = mkdtempSync(join(tmpdir(), 'moltbot-tokens-'));
  const database = Database.open(join(home, 'state.sqlite'));
  const tokens = new TokenStore(database);
  const budget = { requests: 9, enforcement: 'soft' } as const;
  const { record } = tokens.issue({ agentId: 'main', ttlMs: HOUR_MS, policy: { budget } }, NOW_MS);
  const free = tokens.issue({ agentId: 'main', ttlMs: HOUR_MS }, NOW_MS).record;
  const accounts = new TokenAccounts(database);
  expect(accounts.of(free, NOW_MS)).toBeUndefined();
  const account = accounts.of(record, NOW_MS)!;
  account.charge(2);
  accounts.prune(NOW_MS + HOUR_MS - 1);
  expect(accounts.of(record, NOW_MS + HOUR_MS - 1)).toBe(account);

  const holder = { admittedAtMs: NOW_MS } as Holder;
  account.hold(holder, 1);
  accounts.prune(NOW_MS + 9 * HOUR_MS);
  expect(accounts.known(record.accessor)).toBe(account);
  account.release(holder);
  accounts.prune(NOW_MS + 9 * HOUR_MS);
  expect(accounts.known(record.accessor)).toBeUndefined();
  // The ledger has no row of it.
  expect(accounts.of(record, NOW_MS)).toMatchObject({ spent: 0, reserved: 0, amount: 9 });
  database.close();
  rmSync(home, { recursive: true });
});
