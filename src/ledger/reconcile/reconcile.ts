import { normalizeModel } from '../../catalog/models.ts';
import { DAY_MS, QUARTER_MS } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import { summed } from '../../database/usage-quarters.ts';
import { type DayOfModel, FIGURES, type FigureName, type Figures, type ProviderExport } from './provider-export.ts';

/** Of one day (UTC, of the admission) and model: what the ledger says, what the provider says, and what it says more. */
export interface Comparison {
  readonly day: string;
  /** Null: the export names none. */
  readonly model: string | null;
  readonly ours: Figures;
  readonly theirs: Figures;
  readonly difference: Figures;
}

export interface Reconciliation {
  readonly figures: readonly FigureName[];
  /** First and last day of the export; undefined where it has none. */
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly lines: readonly Comparison[];
  readonly total: Omit<Comparison, 'day' | 'model'>;
  /** Rows of the ledger in those days whose price is not known: no dollars of ours stand for them. */
  readonly unpriced: number;
}

interface OurDay extends Required<Record<FigureName, number>> {
  readonly day: string;
  readonly model: string;
  readonly unpriced: number;
}

/** Sets an export beside the ledger, for the days it covers. Simulators and subscriptions are on no such bill. */
export function reconcile(database: Database | undefined, provider: string, theirs: ProviderExport): Reconciliation {
  const days = theirs.days.map(({ day }) => day).sort();
  const [from, until] = [days[0], days.at(-1)];
  const used = database && from && until ? ourDays(database, provider, from, until) : [];
  const namesNone = theirs.days.every(({ model }) => model === null);
  const ours = used.map(({ day, model, ...figures }) => ({ day, model: namesNone ? null : model, figures }));
  const byKey = new Map<string, Comparison>();
  for (const line of theirs.days) add(byKey, line, 'theirs', theirs.figures);
  for (const line of ours) add(byKey, line, 'ours', theirs.figures);
  const lines = [...byKey.values()].sort(inOrder);
  const total = lines.reduce<Reconciliation['total']>(
    (sum, { ours, theirs, difference }) => ({
      ours: plus(sum.ours, ours),
      theirs: plus(sum.theirs, theirs),
      difference: plus(sum.difference, difference),
    }),
    nothing(theirs.figures),
  );
  const unpriced = used.reduce((sum, row) => sum + row.unpriced, 0);
  return { figures: theirs.figures, from, until, lines, total, unpriced };
}

function add(
  byKey: Map<string, Comparison>,
  line: DayOfModel,
  side: 'ours' | 'theirs',
  names: readonly FigureName[],
): void {
  const { day, model, figures } = line;
  const id = JSON.stringify([day, model]);
  const known = byKey.get(id) ?? { day, model, ...nothing(names) };
  const next = { ...known, [side]: plus(known[side], figures) };
  byKey.set(id, { ...next, difference: plus(next.theirs, next.ours, -1) });
}

function nothing(names: readonly FigureName[]): Omit<Comparison, 'day' | 'model'> {
  const zeros: Figures = Object.fromEntries(names.map((name) => [name, 0]));
  return { ours: zeros, theirs: zeros, difference: zeros };
}

/** The figures of the first, with those of the second. */
function plus(a: Figures, b: Figures, times: 1 | -1 = 1): Figures {
  return Object.fromEntries(
    FIGURES.flatMap((name) => (a[name] === undefined ? [] : [[name, a[name] + times * (b[name] ?? 0)]])),
  );
}

function ourDays(database: Database, provider: string, from: string, until: string): OurDay[] {
  const rows = database.all<OurDay>(
    `SELECT date(quarter * 900, 'unixepoch') AS day, model, sum(requests - failed) AS requests,
       ${summed('input_tokens')} AS inputTokens, ${summed('cache_read_tokens')} AS cacheReadTokens,
       ${summed('cache_write_5m_tokens + cache_write_1h_tokens')} AS cacheWriteTokens, ${summed('output_tokens')} AS outputTokens,
       ${summed('cost_nano_usd')} AS costNanoUsd, sum(unpriced) AS unpriced
     FROM usage_quarters
     WHERE provider = ? AND is_simulated = 0 AND is_subscription = 0 AND quarter >= ? AND quarter < ? AND model <> ''
     GROUP BY 1, 2`,
    provider,
    Date.parse(from) / QUARTER_MS,
    (Date.parse(until) + DAY_MS) / QUARTER_MS,
  );
  return rows.map((row) => ({ ...row, model: normalizeModel(provider, row.model) }));
}

function inOrder(a: Comparison, b: Comparison): number {
  const [one, other] = [a, b].map(({ day, model }) => `${day} ${model ?? ''}`) as [string, string];
  return one < other ? -1 : Number(one > other);
}
