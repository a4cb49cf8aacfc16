import { amountText } from '../../budgets/amount-text.ts';
import type { Estimate } from '../../budgets/estimate.ts';
import { MoltbotError } from '../../core/errors.ts';
import { formatInZone } from '../../core/time.ts';
import { RetryLaterError } from '../answer/retry-later-error.ts';
import type { BudgetAccount, BudgetAnswer } from './budget-book.ts';

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
  const { name, unit } = account.budget;
  switch (answer.kind) {
    case 'used_up': {
      const text = `Budget "${name}" is used up: ${figures(account)}. ${resetText(account, timeZone)}`;
      return new MoltbotError('BUDGET_USED_UP', text, { hint: ASK, gate: 'budget' });
    }
    case 'too_small': {
      const most = amountText(unit, answer.bound);
      const text = `This request may take up to ${most}, and the hard budget "${name}" has less left: ${figures(account)}.`;
      const hint = `${resetText(account, timeZone)} A smaller output bound or prompt may fit. ${ASK}`;
      return new MoltbotError('BUDGET_TOO_SMALL', text, { hint, gate: 'budget' });
    }
    case 'busy': {
      const held = amountText(unit, account.reserved);
      const text = `Budget "${name}" is held by requests under way (${held}; ${figures(account)}).`;
      return new RetryLaterError('BUDGET_BUSY', text, 'budget', RETRY_AFTER_SECONDS);
    }
    case 'unknown':
      return unknownCost(name, estimate?.unknown);
  }
}

/** `It is open again at 2026-11-22 00:00 Europe/Berlin.` */
export function resetText({ budget, window }: BudgetAccount, timeZone: string): string {
  if (window.endMs === null) return 'It does not reset by itself.';
  if (budget.per === '30d') return 'It counts the last 30 days and opens as they pass.';
  return `It resets at ${formatInZone(window.endMs, timeZone)}.`;
}

function figures({ budget, spent, amount }: BudgetAccount): string {
  return `${amountText(budget.unit, spent)} of ${amountText(budget.unit, amount)} spent`;
}

function unknownCost(name: string, unknown: Estimate['unknown']): MoltbotError {
  const why = unknown?.why ?? 'what it may take is not known';
  const code = unknown?.kind === 'unpriced' ? 'BUDGET_UNPRICED' : 'BUDGET_UNBOUNDED';
  const remedy = unknown?.kind === 'unpriced' ? 'a price (models.prices) or a ceiling' : 'a ceiling';
  return new MoltbotError(code, `The hard budget "${name}" cannot let this request out: ${why}.`, {
    hint: `The person who runs this gateway can set ${remedy} (budgets.${name}.unpricedUsd).`,
    gate: 'budget',
  });
}
