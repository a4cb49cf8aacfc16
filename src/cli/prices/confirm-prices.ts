import type { App } from '../../app.ts';
import { budgetsOf } from '../../budgets/budget.ts';
import { confirmWidening } from '../guard.ts';

/** Other prices under a budget: what is reckoned with less than it really costs lets more be spent than the cap says. */
export async function confirmPricesUnderBudgets(app: App): Promise<void> {
  if (budgetsOf(app.config().config).length > 0) await confirmWidening(app, 'change prices that budgets go by');
}
