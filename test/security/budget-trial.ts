import { budgetsOf } from '../../src/budgets/budget.ts';
import { type SpentDetail, spentDetail } from '../../src/budgets/spent.ts';
import type { LedgerRow } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';

export const NANO = 1_000_000_000;

/** A gateway with these budgets and one profile, in which nobody waits for room longer than a moment. */
export function startWith(budgets: object, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { config = {}, ...rest } = options;
  return TestGateway.start({ profiles: ['first'], ...rest, config: { auth: { maxWaitMs: 200 }, budgets, ...config } });
}

/** A request whose worst case is about $0.57: 20,000 tokens of output at Opus 4.5, and its text. */
export function asking(more: object = {}): Record<string, unknown> {
  return { model: 'claude-opus-4-5', max_tokens: 20_000, messages: [{ role: 'user', content: 'Hi' }], ...more };
}

export function rowsOf({ database }: TestGateway): LedgerRow[] {
  return new LedgerStore(database).after({ limit: 100_000 });
}

/** What the ledger says a budget has spent since ever. */
export function spentOf(gateway: TestGateway, name = 'main'): SpentDetail {
  const budget = budgetsOf(gateway.dependencies.app.config().config).find((each) => each.name === name)!;
  return spentDetail(gateway.database, budget, 0);
}

/** What a client sees of a refusal: status, code, closed gate, whether to try again. */
export function refusalOf(response: Response): (number | string | null)[] {
  const header = (name: string) => response.headers.get(name);
  return [response.status, header('x-moltbot-error'), header('x-moltbot-gate'), header('x-should-retry')];
}
