import { formatTime } from '../../core/time.ts';
import { usd } from '../../core/usd.ts';
import { cacheHitRate } from '../../ledger/cache-hit-rate.ts';
import { isLabelGroup, type UsageGroup, type UsageReport } from '../../ledger/usage-report.ts';
import type { UsageSums } from '../../ledger/usage-sums.ts';
import { table } from '../base-command.ts';

const HEAD = ['REQUESTS', 'FAILED', 'INPUT', 'CACHE READ', 'CACHE WRITE', 'OUTPUT', 'HITS', 'SAVED', 'WASTED', 'COST'];
const EMPTY = 'No requests in that time. They come through a running gateway: moltbot run -- claude';

/** The report for people: the lines, their sum, and what is not in it. */
export function usageText(
  { lines, total, simulated, labelsSinceMs }: UsageReport,
  by: UsageGroup,
  timeZone: string,
): string {
  const head = [by === 'day' ? `DAY (${timeZone})` : by.toUpperCase(), ...HEAD];
  const rows = lines.map((line) => [line.key ?? '-', ...cells(line, by)]);
  const shown = table(head, lines.length < 2 ? rows : [...rows, ['total', ...cells(total, by)]], EMPTY);
  return [shown, ...notes(total, simulated), ...goneNote(labelsSinceMs)].join('\n');
}

function cells(sums: UsageSums, by: UsageGroup): string[] {
  const { requests, failed, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = sums;
  const counts = [requests, failed, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens];
  const unpriced = sums.unpriced > 0 ? ` + ${sums.unpriced} unpriced` : '';
  return [
    ...counts.map((count) => count.toLocaleString('en-US')),
    hitRate(sums),
    `$${usd(sums.savedNanoUsd)}`,
    isLabelGroup(by) ? '-' : `$${usd(sums.wastedNanoUsd)}`,
    `$${usd(sums.costNanoUsd)}${unpriced}`,
  ];
}

function hitRate(sums: UsageSums): string {
  const rate = cacheHitRate(sums);
  return rate === null ? '-' : `${Math.round(rate * 100)} %`;
}

function notes(total: UsageSums, simulated: number): string[] {
  const { unpriced, estimated, held, heldNanoUsd, subscription, unvaluedCacheReadTokens, unvaluedUnreadTokens } = total;
  const notes: string[] = [];
  if (unpriced > 0) {
    notes.push(
      `${requests(unpriced)} of models without a known price: in no sum. Set one: moltbot config set 'models.prices["provider/model"]' '{ inputUsdPerMillion: 1, outputUsdPerMillion: 5 }'`,
    );
  }
  if (estimated > 0) notes.push(`${requests(estimated)} with figures that are partial or estimated.`);
  if (held > 0) {
    const what = held === 1 ? 'it used or cost' : 'they used or cost';
    notes.push(`${requests(held)} of which it never came what ${what}: $${usd(heldNanoUsd)} stay charged to budgets.`);
  }
  if (subscription > 0) notes.push(`${requests(subscription)} on a subscription: they cost nothing more.`);
  if (unvaluedCacheReadTokens > 0) {
    const tokens = unvaluedCacheReadTokens.toLocaleString('en-US');
    notes.push(`${tokens} tokens read from caches have no known price: what they saved is in no sum.`);
  }
  if (unvaluedUnreadTokens > 0) {
    const tokens = unvaluedUnreadTokens.toLocaleString('en-US');
    notes.push(`${tokens} tokens written to caches and never read have no known price: what they wasted is in no sum.`);
  }
  if (simulated > 0) notes.push(`${requests(simulated)} to a simulator: not counted.`);
  return notes;
}

function goneNote(labelsSinceMs: number | null): string[] {
  if (labelsSinceMs === null) return [];
  return [
    `What ended before ${formatTime(labelsSinceMs)} is counted without its labels: those rows are no longer kept.`,
  ];
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${count.toLocaleString('en-US')} requests`;
}
