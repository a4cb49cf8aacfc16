import { findModel } from '../../catalog/models.ts';
import { MoltbotError } from '../../core/errors.ts';
import { countIn, dayIn, dollarsIn, nanoUsdIn } from './export-cells.ts';
import { type CsvLine, parseCsv } from './parse-csv.ts';

/** What is compared. Cache writes are those for 5 m and for 1 h together; requests are attempts that got an answer. */
export const FIGURES = [
  'requests',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'costNanoUsd',
] as const;
export type FigureName = (typeof FIGURES)[number];
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

/** Of one day (UTC) and one model; null: the export does not say which. */
export interface DayOfModel {
  readonly day: string;
  readonly model: string | null;
  readonly figures: Figures;
}

export interface ProviderExport {
  /** Which figures the file has at all. */
  readonly figures: readonly FigureName[];
  readonly days: readonly DayOfModel[];
}

/**
 * The names of columns, as Anthropic's console (usage: tokens by hour or day; cost: dollars by kind of token) and OpenAI's
 * (usage: tokens and requests; costs: dollars by project or line item) write them, and near relatives. The first that is
 * there counts; several in one entry are added.
 */
const DAYS = ['usage_date_utc', 'usage_date', 'date', 'start_time_iso', 'start_time', 'timestamp'];
const MODELS = ['model_version', 'model', 'snapshot_id', 'line_item'];
const COUNTS: Readonly<Record<Exclude<FigureName, 'costNanoUsd'>, readonly (readonly string[])[]>> = {
  requests: [['num_model_requests'], ['num_requests'], ['n_requests']],
  inputTokens: [['usage_input_tokens_no_cache'], ['uncached_input_tokens'], ['input_uncached_tokens']],
  cacheReadTokens: [['usage_input_tokens_cache_read'], ['cache_read_input_tokens'], ['input_cached_tokens']],
  cacheWriteTokens: [
    ['usage_input_tokens_cache_write_5m', 'usage_input_tokens_cache_write_1h'],
    ['usage_input_tokens_cache_write'],
    ['cache_creation_input_tokens'],
  ],
  outputTokens: [['usage_output_tokens'], ['output_tokens'], ['n_generated_tokens_total']],
};
/** A whole prompt, of which what was read from a cache is a part. */
const WHOLE_INPUTS = ['input_tokens', 'n_context_tokens_total'];
const COSTS = ['cost_usd', 'amount_value', 'cost', 'amount'];
const CURRENCIES = ['amount_currency', 'currency'];

/** Reads an export. USAGE for what is none, naming the line and column at fault, never what stands there. */
export function readExport(text: string, provider: string): ProviderExport {
  const [head, ...lines] = parseCsv(text);
  if (!head) throw new MoltbotError('USAGE', 'The file is empty.', { hint: WHERE });
  const table = new Table(
    head.cells.map((cell) =>
      cell
        .trim()
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_'),
    ),
  );
  const day = table.first(DAYS);
  const figures = FIGURES.filter((name) => hasFigure(table, name));
  if (day === undefined || (figures.length === 0 && lines.some(({ cells }) => cells.length > 4)))
    throw new MoltbotError('USAGE', 'The first line of the file is not that of a usage or cost export.', {
      hint: WHERE,
    });
  const sums = new Map<string, { day: string; model: string | null; sums: Map<FigureName, bigint> }>();
  for (const line of figures.length === 0 ? [] : lines) {
    const key = { day: table.day(line, day), model: modelOf(table, line, provider) };
    const id = JSON.stringify([key.day, key.model]);
    const entry = sums.get(id) ?? { ...key, sums: new Map() };
    for (const name of figures) entry.sums.set(name, (entry.sums.get(name) ?? 0n) + figureOf(table, line, name));
    sums.set(id, entry);
  }
  const days = [...sums.values()].map(({ sums, ...key }) => ({ ...key, figures: asNumbers(sums) }));
  return { figures, days };
}

const WHERE =
  'Take the usage or cost export as the provider gives it: platform.claude.com/usage, platform.openai.com/usage';

function hasFigure(table: Table, name: FigureName): boolean {
  if (name === 'costNanoUsd') return table.first(COSTS) !== undefined;
  return table.group(COUNTS[name]) !== undefined || (name === 'inputTokens' && table.first(WHOLE_INPUTS) !== undefined);
}

function figureOf(table: Table, line: CsvLine, name: FigureName): bigint {
  if (name === 'costNanoUsd') return dollars(table, line);
  const columns = table.group(COUNTS[name]);
  if (columns) return columns.reduce((sum, column) => sum + table.count(line, column), 0n);
  const cached = table.group(COUNTS.cacheReadTokens) ?? [];
  const whole = table.count(line, table.first(WHOLE_INPUTS)!);
  return cached.reduce((rest, column) => rest - table.count(line, column), whole);
}

function dollars(table: Table, line: CsvLine): bigint {
  const currency = table.first(CURRENCIES);
  const unit = currency === undefined ? '' : table.cell(line, currency).toLowerCase();
  if (currency !== undefined && unit !== '' && unit !== 'usd') throw table.fault(line, currency, 'is not dollars');
  const cost = table.first(COSTS)!;
  return dollarsIn(table.cell(line, cost)) ?? table.refuse(line, cost, 'is not an amount');
}

/** The catalog's id, also of a name for people (`Claude Haiku 4.5`) and of a line item (`gpt-5.4, input`). */
function modelOf(table: Table, line: CsvLine, provider: string): string | null {
  const column = table.first(MODELS);
  const text = column === undefined ? '' : table.cell(line, column).split(', ')[0]!;
  const found = findModel(provider, text) ?? findModel(provider, text.toLowerCase().replace(/[ .]+/g, '-'));
  return found?.id ?? (text === '' ? null : text);
}

function asNumbers(sums: ReadonlyMap<FigureName, bigint>): Figures {
  return Object.fromEntries(
    [...sums].map(([name, sum]) => [name, name === 'costNanoUsd' ? nanoUsdIn(sum) : Number(sum)]),
  );
}

/** Cells by the names of their columns. */
class Table {
  readonly #columns: ReadonlyMap<string, number>;

  constructor(head: readonly string[]) {
    this.#columns = new Map(head.map((name, at) => [name, at] as const).reverse());
  }

  first(names: readonly string[]): string | undefined {
    return names.find((name) => this.#columns.has(name));
  }

  group(groups: readonly (readonly string[])[]): readonly string[] | undefined {
    return groups.map((names) => names.filter((name) => this.#columns.has(name))).find(({ length }) => length > 0);
  }

  cell({ cells }: CsvLine, column: string): string {
    return cells[this.#columns.get(column)!]?.trim() ?? '';
  }

  day(line: CsvLine, column: string): string {
    return dayIn(this.cell(line, column)) ?? this.refuse(line, column, 'is not a day');
  }

  count(line: CsvLine, column: string): bigint {
    return BigInt(countIn(this.cell(line, column)) ?? this.refuse(line, column, 'is not a count'));
  }

  refuse(line: CsvLine, column: string, why: string): never {
    throw this.fault(line, column, why);
  }

  fault({ line }: CsvLine, column: string, why: string): MoltbotError {
    return new MoltbotError('USAGE', `Line ${line} of the file: what stands under ${column} ${why}.`, { hint: WHERE });
  }
}
