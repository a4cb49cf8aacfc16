import type { Alert } from '../../alerts/alert.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import { BudgetStateStore } from '../../budgets/budget-state-store.ts';
import { UsualCosts } from '../../budgets/usual-costs.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import { BudgetBook } from './budget-book.ts';
import { BudgetNews } from './budget-news.ts';

export interface OpenBudgetsParts {
  readonly config: () => Config;
  readonly stores: { readonly database: Database; readonly audit: AuditLog };
  readonly persist: (write: () => void) => void;
  readonly tell: (alert: Alert) => void;
  readonly now: Clock;
}

/** The budgets of a gateway that starts, and the habits by which they guess. */
export function openBudgets(parts: OpenBudgetsParts): { budgets: BudgetBook; usual: UsualCosts } {
  const { config, stores, persist, tell, now } = parts;
  const { database, audit } = stores;
  const usual = new UsualCosts(database);
  const states = new BudgetStateStore(database);
  const timeZone = () => config().timeZone;
  const news = new BudgetNews({ database, states, audit, persist, tell, timeZone, now });
  return { budgets: new BudgetBook({ config, database, usual, news, now }), usual };
}
