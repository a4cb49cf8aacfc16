import { amountText } from '../../budgets/amount-text.ts';
import { EXPECTED_PROMPT_BYTES } from '../../budgets/expected-bound.ts';
import { printable } from '../../core/text.ts';
import { formatInZone } from '../../core/time.ts';
import type { BudgetOutlook, BudgetStatus } from '../../status/budget-status.ts';
import { table } from '../base-command.ts';

const PER: Readonly<Record<BudgetStatus['per'], string>> = {
  day: 'a day',
  week: 'a week',
  month: 'a month',
  '30d': 'in any 30 days',
  total: 'in all',
};
const HEAD = ['BUDGET', 'COUNTS', 'CAP', 'KIND', 'SPENT', 'RESERVED', 'LEFT', 'STATE', 'RESETS', 'AT WORST OVER'];

/** `$5.00 a day`. */
export function capText({ unit, amount, per }: Pick<BudgetStatus, 'unit' | 'amount' | 'per'>): string {
  return `${amountText(unit, amount)} ${PER[per]}`;
}

/** `everything`; `agent "reviewer"`; `agent "reviewer", model anthropic/claude-opus-4-5`. */
export function scopeText({ agent, profile, model, label }: BudgetStatus['scope']): string {
  const parts = [
    ...(agent === undefined ? [] : [`agent "${agent}"`]),
    ...(model === undefined ? [] : [`model ${model}`]),
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    ...(label === undefined ? [] : [`tokens with the label "${label}"`]),
  ];
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

/** The budgets as a table. */
export function budgetTable(budgets: readonly BudgetOutlook[]): string {
  const rows = budgets.map((budget) => [
    budget.name,
    scopeText(budget.scope),
    capText(budget),
    budget.enforcement,
    amountText(budget.unit, budget.spent),
    amountText(budget.unit, budget.reserved),
    amountText(budget.unit, budget.remaining),
    stateText(budget),
    resetsText(budget),
    budget.overshoot === null ? 'not known yet' : amountText(budget.unit, budget.overshoot),
  ]);
  return table(HEAD, rows, 'No budgets. Set one with: moltbot budget set --usd 5 --per day');
}

/** One budget, line by line. */
export function budgetText(budget: BudgetOutlook): string {
  const { unit, alertAt, unpricedNanoUsd } = budget;
  const notes = spentNotes(budget);
  const lines: [string, string][] = [
    ['Budget', budget.name],
    ['Cap', `${capText(budget)} for ${scopeText(budget.scope)}, ${budget.enforcement}`],
    ['Spent', spentText(budget)],
    ...(notes === '' ? [] : [['Of that', notes] as [string, string]]),
    [
      'Held now',
      `${amountText(unit, budget.reserved)} by requests under way; ${amountText(unit, budget.remaining)} left`,
    ],
    ['State', stateText(budget)],
    ['Resets', resetsText(budget)],
    ['Pace', paceText(budget)],
    ['At worst', worstText(budget)],
    ['Tells at', alertAt.length === 0 ? 'no threshold' : alertAt.map(percent).join(', ')],
    ...(unpricedNanoUsd === null
      ? []
      : [['Unpriced', `${amountText('nanoUsd', unpricedNanoUsd)} for a request of unknown price`] as [string, string]]),
  ];
  return lines.map(([name, value]) => `${name.padEnd(10)}${printable(value)}`).join('\n');
}

/** `$4.10 of $5.00 (82 %)`. */
export function spentText({ unit, spent, amount }: BudgetStatus): string {
  const share = amount === 0 ? '' : ` (${percent(spent / amount)})`;
  return `${amountText(unit, spent)} of ${amountText(unit, amount)}${share}`;
}

/** Which request in use may take the most: `$3.20 (anthropic/claude-opus-4-7)`. */
export function largestText({ unit, largestRequest }: BudgetOutlook): string {
  if (!largestRequest) return 'not known yet';
  const { amount, model, seen } = largestRequest;
  const guess = seen ? '' : `, for a prompt of ${EXPECTED_PROMPT_BYTES.toLocaleString('en-US')} bytes`;
  return `${amountText(unit, amount)} (${model}${guess})`;
}

function stateText({ state, usedUpSince, timeZone }: BudgetStatus): string {
  if (state === 'open') return 'open';
  return usedUpSince === null ? 'used up' : `used up since ${formatInZone(usedUpSince, timeZone)}`;
}

function resetsText({ per, window: { endsAt }, timeZone }: BudgetStatus): string {
  if (endsAt === null) return 'never';
  return per === '30d' ? 'as the last 30 days pass' : formatInZone(endsAt, timeZone);
}

function paceText({ state, emptyAt, timeZone }: BudgetStatus): string {
  if (state === 'used_up') return 'it is empty';
  return emptyAt === null ? 'not empty before it resets' : `empty at ${formatInZone(emptyAt, timeZone)}`;
}

function worstText(budget: BudgetOutlook): string {
  const { enforcement, unit, overshoot } = budget;
  if (enforcement === 'hard')
    return 'nothing over the cap: the worst case of each request is held, what has no known price or bound is refused';
  if (overshoot === null)
    return 'not known yet: no request in its scope has been seen, and no default model with a price is set';
  return `${amountText(unit, overshoot)} over the cap, by requests that run when it is reached; the largest may take ${largestText(budget)}`;
}

function spentNotes({ unit, simulated, held, unpriced }: BudgetStatus): string {
  return [
    ...(simulated > 0 ? [`${amountText(unit, simulated)} simulated`] : []),
    ...(held > 0 ? [`${amountText(unit, held)} charged for answers whose use or cost never came`] : []),
    ...(unpriced > 0 ? [`${unpriced} of its requests without a known price`] : []),
  ].join('; ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
