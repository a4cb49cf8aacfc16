import { amountText } from '../../budgets/amount-text.ts';
import type { Budget } from '../../budgets/budget.ts';
import type { Estimate } from '../../budgets/estimate.ts';
import { resetText } from '../../budgets/reset-text.ts';
import { spentText } from '../../budgets/spent-text.ts';
import { MoltbotError } from '../../core/errors.ts';
import { RetryLaterError } from '../answer/retry-later-error.ts';
import type { BudgetAccount, BudgetAnswer } from './budget-account.ts';
import { budgetTitle, hardBudget } from './budget-title.ts';

/** What others hold is settled within seconds. */
const RETRY_AFTER_SECONDS = 2;
const ASK = 'Ask the person who runs this gateway.';

/** Why a request does not go out, in words that a model and its user may read: no command stands in them. */
export function budgetRefusal(
  answer: Exclude<BudgetAnswer, { kind: 'fits' }>,
  estimate: Estimate | undefined,
  timeZone: string,
): MoltbotError {
  const { account } = answer;
  const { budget } = account;
  const { unit } = budget;
  switch (answer.kind) {
    case 'used_up': {
      const text = `${budgetTitle(budget)} is used up: ${figures(account)}. ${openingText(account, timeZone)}`;
      return new MoltbotError('BUDGET_USED_UP', text, { hint: ASK, gate: 'budget' });
    }
    case 'too_small': {
      const most = amountText(unit, answer.bound);
      const text = `This request may take up to ${most}, and ${hardBudget(budget)} has less left: ${leftText(account)}.`;
      const hint = `${openingText(account, timeZone)} A smaller output bound or prompt may fit. ${ASK}`;
      return new MoltbotError('BUDGET_TOO_SMALL', text, { hint, gate: 'budget' });
    }
    case 'busy': {
      const held = amountText(unit, account.reserved);
      const text = `${budgetTitle(budget)} is held by requests under way (${held}; ${figures(account)}).`;
      return new RetryLaterError('BUDGET_BUSY', text, 'budget', RETRY_AFTER_SECONDS);
    }
    case 'unknown':
      return unknownCost(budget, estimate?.unknown);
  }
}

/** When there is room again, as a sentence. */
function openingText({ budget, window }: BudgetAccount, timeZone: string): string {
  if (budget.accessor !== undefined) return 'A new token is needed for more.';
  return resetText(budget.per, window.endMs, timeZone);
}

function figures({ budget, spent, amount }: BudgetAccount): string {
  return `${spentText({ unit: budget.unit, spent, amount })} spent`;
}

function leftText({ budget, spent, amount }: BudgetAccount): string {
  return spentText({ unit: budget.unit, spent: amount - spent, amount });
}

function unknownCost(budget: Budget, unknown: Estimate['unknown']): MoltbotError {
  const why = unknown?.why ?? 'what it may take is not known';
  const isUnpriced = unknown?.kind === 'unpriced';
  const code = isUnpriced ? 'BUDGET_UNPRICED' : 'BUDGET_UNBOUNDED';
  const remedies = [...(isUnpriced ? ['set a price (models.prices)'] : []), otherwise(budget)];
  return new MoltbotError(code, `Under ${hardBudget(budget)} this request cannot go out: ${why}.`, {
    hint: `The person who runs this gateway can ${remedies.join(' or ')}.`,
    gate: 'budget',
  });
}

/** What lets a request through of which nothing more can be known. */
function otherwise({ name, accessor, unit }: Budget): string {
  if (accessor !== undefined) return 'make a token with a soft budget';
  if (unit !== 'nanoUsd') return `make the budget a soft one (budgets.${name}.enforcement)`;
  return `set a ceiling (budgets.${name}.unpricedUsd)`;
}
