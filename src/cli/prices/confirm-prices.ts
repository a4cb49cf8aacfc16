import type { App } from '../../app.ts';
import { budgetsOf } from '../../budgets/budget.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { confirmWidening } from '../guard.ts';

/** Other prices under a budget: what is reckoned with less than it really costs lets more be spent than the cap says. */
export async function confirmPricesUnderBudgets(app: App): Promise<void> {
  if (mayHaveBudgets(app)) await confirmWidening(app, 'change prices that budgets go by');
}

function mayHaveBudgets(app: App): boolean {
  try {
    return budgetsOf(app.config().config).length > 0;
  } catch (error) {
    // A damaged catalog, which is what these commands mend, or a config that cannot be read: nobody can say.
    if (isMoltbotError(error, 'CONFIG_INVALID')) return true;
    throw error;
  }
}
