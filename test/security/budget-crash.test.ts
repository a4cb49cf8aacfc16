import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, vi } from 'vitest';
import { budgetsOf } from '../../src/budgets/budget.ts';
import { spentSince } from '../../src/budgets/spent.ts';
import { withDefaults } from '../../src/config/with-defaults.ts';
import { Database } from '../../src/database/database.ts';
import type { LedgerRow } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { CliHome } from '../fakes/cli.ts';
import { asking, refusalOf } from './budget-trial.ts';
import { getToken, messages, providersAt, runGateway, setUpCli, writeConfig } from './cli-gateway.ts';

const budgets = (usd: number) => ({ main: { usd, per: 'total', enforcement: 'hard' } });
const ANSWER = { answer: { usage: { input_tokens: 1, output_tokens: 1 } } };

function stateOf(home: CliHome): { rows: LedgerRow[]; spent: number } {
  const database = Database.openForReading(join(home.stateDir, 'state.sqlite'))!;
  const [budget] = budgetsOf(withDefaults({ budgets: budgets(1) }).config);
  const rows = new LedgerStore(database).after({ limit: 100 });
  const spent = spentSince(database, budget!, 0).nanoUsd;
  database.close();
  return { rows, spent };
}

it('kill -9 with requests under way makes nothing cheaper, again and again, and a raised budget is open at once', async () => {
  await using setup = await setUpCli({ auth: { maxWaitMs: 0 }, budgets: budgets(2) });
  const { home, simulator } = setup;
  simulator.setScript({ pacing: { firstByteMs: 60_000 } });
  simulator.forgetRequests();
  const { token } = await getToken(home, '--ttl', '1h');
  // Each of them holds about $0.57 when the gateway dies: three fit in $2, whatever dies how often.
  for (const round of [1, 2, 3]) {
    const gateway = await runGateway(home);
    const lost = messages(gateway.url, token, asking()).catch(() => undefined);
    await vi.waitFor(() => expect(simulator.requests.length).toBe(round), { timeout: 10_000 });
    await gateway.kill();
    await lost;
  }
  const gateway = await runGateway(home);
  const { rows, spent } = stateOf(home);
  expect(rows.map(({ outcome, heldNanoUsd, boundNanoUsd }) => [outcome, heldNanoUsd === boundNanoUsd])).toEqual(
    Array(3).fill(['interrupted', true]),
  );
  expect(spent).toBe(rows.reduce((sum, { boundNanoUsd }) => sum + boundNanoUsd!, 0));
  const refused = await messages(gateway.url, token, asking());
  expect(refusalOf(refused)).toEqual([402, 'BUDGET_TOO_SMALL', 'budget', 'false']);
  simulator.setScript(ANSWER);
  const settings = { auth: { maxWaitMs: 0 }, vault: { kind: 'file' }, models: { providers: providersAt(simulator) } };
  writeConfig(home, { ...settings, budgets: budgets(3) });
  await vi.waitFor(async () => expect((await messages(gateway.url, token, asking())).status).toBe(200), {
    timeout: 10_000,
  });
  await gateway.kill();
});

it('after kill -9 nothing goes out before what was under way is charged, also while the database is in use', async () => {
  await using setup = await setUpCli({ budgets: budgets(0.9) });
  const { home, simulator } = setup;
  simulator.setScript({ pacing: { firstByteMs: 60_000 } });
  const { token } = await getToken(home, '--ttl', '1h');
  const killed = await runGateway(home);
  simulator.forgetRequests();
  const lost = messages(killed.url, token, asking()).catch(() => undefined);
  await vi.waitFor(() => expect(simulator.requests).toHaveLength(1), { timeout: 10_000 });
  await killed.kill();
  await lost;
  simulator.setScript(ANSWER);
  const other = new DatabaseSync(join(home.stateDir, 'state.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  setTimeout(() => other.exec('COMMIT'), 3_000);
  const gateway = await runGateway(home);
  const refused = await messages(gateway.url, token, asking());
  expect(refusalOf(refused)).toEqual([402, 'BUDGET_TOO_SMALL', 'budget', 'false']);
  expect(simulator.requests).toHaveLength(1);
  other.close();
  await gateway.kill();
});
