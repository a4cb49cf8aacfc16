import type { Database } from '../database/database.ts';
import { LEDGER_AS_USAGE } from '../database/usage-quarters.ts';
import { without } from './usage-sums.ts';
import { countsBy, type UsedCounts } from './used-counts.ts';

/** What labels say of a request; `label`: all of them together. */
export const LABEL_GROUPS = ['feature', 'project', 'label'] as const;
export type LabelGroup = (typeof LABEL_GROUPS)[number];

export interface LabelQuery {
  readonly sinceMs: number;
  readonly agentId: string | undefined;
  readonly by: LabelGroup;
}

/** Labels are free text, so they are not among the sums by quarter: the rows that have any are read, and no others. */
const LABELLED = `${LEDGER_AS_USAGE.replace(' FROM ledger', ', labels FROM ledger')} INDEXED BY ledger_labelled
  WHERE labels IS NOT NULL AND admitted_at_ms >= ?1`;

const KEYS: Record<LabelGroup, string> = {
  feature: labelValue('feature'),
  project: labelValue('project'),
  label: 'labels',
};

function labelValue(label: string): string {
  return `CASE WHEN json_valid(labels) THEN labels ->> '$.${label}' END`;
}

/** `all` that was used, by labels: what the labelled rows do not account for is without a label. */
export function labelledUsage(
  database: Database,
  all: readonly UsedCounts[],
  { sinceMs, agentId, by }: LabelQuery,
): UsedCounts[] {
  const rows = database.all<UsedCounts>(countsBy(KEYS[by], LABELLED, ', labels'), sinceMs, agentId ?? null);
  const rest = new Map(all.map((counts) => [termsOf(counts), counts]));
  for (const row of rows) {
    const left = rest.get(termsOf(row));
    if (left) rest.set(termsOf(row), without(left, row));
  }
  const labelled = by === 'label' ? rows.map((row) => ({ ...row, key: labelsText(row.key) })) : rows;
  return [...labelled, ...[...rest.values()].filter(({ requests }) => requests > 0)];
}

/** What two counts have to share to be subtracted. */
function termsOf(counts: UsedCounts): string {
  const { provider, model, isSimulated, isSubscription, priceVersion, serviceTier, inferenceGeo } = counts;
  return JSON.stringify([provider, model, isSimulated, isSubscription, priceVersion, serviceTier, inferenceGeo]);
}

/** `{"project":"web","feature":"search"}` → `feature=search project=web`; what was spoilt stays as it is. */
function labelsText(labels: string | null): string | null {
  try {
    const pairs = Object.entries(JSON.parse(labels!) as Record<string, unknown>);
    return pairs
      .map(([name, value]) => `${name}=${String(value)}`)
      .sort()
      .join(' ');
  } catch {
    // Only somebody with the file can have spoilt it; `audit verify` says so.
    return labels;
  }
}
