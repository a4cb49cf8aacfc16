import { usd } from '../../core/usd.ts';
import type { FigureName } from '../../ledger/reconcile/provider-export.ts';
import type { Comparison, Reconciliation } from '../../ledger/reconcile/reconcile.ts';
import { table } from '../base-command.ts';

const NAMES: Readonly<Record<FigureName, string>> = {
  requests: 'requests',
  inputTokens: 'input tokens',
  cacheReadTokens: 'cache read',
  cacheWriteTokens: 'cache write',
  outputTokens: 'output tokens',
  costNanoUsd: 'cost',
};

/** What differs (or, with `isAll`, everything), the sums, and what stands beside them. */
export function reconcileText(
  { figures, lines, total, unpriced, from, until }: Reconciliation,
  isAll: boolean,
): string {
  if (lines.length === 0) return 'There is nothing in that file: no line has a figure.';
  const rows = lines.flatMap((line) =>
    figures
      .filter((name) => isAll || line.difference[name] !== 0)
      .map((name) => [line.day, line.model ?? '-', ...cells(line, name)]),
  );
  const sums = figures.map((name) => ['total', '', ...cells(total, name)]);
  const shown = table(['DAY', 'MODEL', 'FIGURE', 'OURS', 'THEIRS', 'DIFFERENCE'], [...rows, ...sums], '');
  const count = lines.length * figures.length;
  const agree = lines.reduce((sum, line) => sum + figures.filter((name) => line.difference[name] === 0).length, 0);
  const notes = [`From ${from} to ${until} (UTC), ${agree} of ${count} figures are the same.`];
  if (unpriced > 0 && figures.includes('costNanoUsd'))
    notes.push(`Requests of ours without a known price, which are not in our cost: ${unpriced}.`);
  return [shown, ...notes].join('\n');
}

function cells({ ours, theirs, difference }: Omit<Comparison, 'day' | 'model'>, name: FigureName): string[] {
  const more = difference[name]!;
  const sign = more > 0 ? '+' : '';
  return [NAMES[name], figureText(name, ours[name]!), figureText(name, theirs[name]!), sign + figureText(name, more)];
}

function figureText(name: FigureName, value: number): string {
  if (name !== 'costNanoUsd') return value.toLocaleString('en-US');
  return `${value < 0 ? '-' : ''}$${usd(Math.abs(value))}`;
}
