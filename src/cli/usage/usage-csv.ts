import { usd } from '../../core/usd.ts';
import { isLabelGroup, type UsageGroup, type UsageReport } from '../../ledger/usage-report.ts';
import type { UsageSums } from '../../ledger/usage-sums.ts';
import { csvText } from './csv-text.ts';

const CSV_FIELDS: readonly (keyof UsageSums)[] = [
  'requests',
  'failed',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'costNanoUsd',
  'unpriced',
  'estimated',
  'subscription',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  'webSearches',
  'savedNanoUsd',
  'unvaluedCacheReadTokens',
  'heldNanoUsd',
  'heldTokens',
  'held',
];

/** What is not known by labels. */
const WASTE_FIELDS: readonly (keyof UsageSums)[] = [
  'wastedNanoUsd',
  'unread5mTokens',
  'unread1hTokens',
  'unvaluedUnreadTokens',
];

/** One line of values for each line of the report, without a total: a spreadsheet makes its own. */
export function usageCsv({ lines }: UsageReport, by: UsageGroup): string {
  const rows = lines.map((line) => [
    line.key ?? '',
    usd(line.costNanoUsd),
    ...CSV_FIELDS.map((field) => line[field]),
    ...WASTE_FIELDS.map((field) => (isLabelGroup(by) ? '' : line[field])),
  ]);
  return csvText([[by, 'costUsd', ...CSV_FIELDS, ...WASTE_FIELDS], ...rows]);
}
