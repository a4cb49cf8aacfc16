import type { CacheTtl } from '../../catalog/model-price.ts';
import { usd } from '../../core/usd.ts';
import { betterTtl, type CacheReplaySums, lackOfData } from '../../ledger/cache-advice/cache-verdict.ts';
import { table } from '../base-command.ts';
import { csvText } from './csv-text.ts';

/** What settings say now of a model, by `provider/model`. */
export type TtlSetting = (model: string) => CacheTtl | 'auto' | null;

const HEAD = ['MODEL', 'REQUESTS', 'SESSIONS', 'READ', 'WRITTEN', 'DID COST', 'WITH 5 M', 'WITH 1 H', 'CHEAPER'];
const EMPTY =
  'No request with an API key read or wrote a prompt cache in that time, so there is nothing to compare. Caches of subscriptions cost nothing, and their time is never changed; what a simulator answered is left out.';

/** Both bills side by side, a line for each model, and what to type where another setting would be cheaper. */
export function cacheText(lines: readonly CacheReplaySums[], settingOf: TtlSetting): string {
  if (lines.length === 0) return EMPTY;
  const shown = table(
    HEAD,
    lines.map((line) => [
      line.model,
      count(line.requests),
      count(line.sessions),
      count(line.cost.cacheReadTokens),
      count(line.cost.cacheWriteTokens),
      `$${usd(line.cost.costNanoUsd)}`,
      `$${usd(line.bills['5m'].costNanoUsd)}`,
      `$${usd(line.bills['1h'].costNanoUsd)}`,
      verdictText(line),
    ]),
    '',
  );
  return [shown, ...lines.flatMap((line) => whatToType(line, settingOf(line.model))), ...notes(lines)].join('\n');
}

function verdictText(line: CacheReplaySums): string {
  const better = betterTtl(line);
  if (better === undefined) return lackOfData(line);
  return `${better}, by $${usd(Math.abs(line.bills['5m'].costNanoUsd - line.bills['1h'].costNanoUsd))}`;
}

/** What may stand in a command that is pasted into a shell. */
const PLAIN_NAME = /^[\w./:@-]+$/;

/** A setting that is `auto` follows by itself; marks without a time are 5 minutes at the provider. */
function whatToType(line: CacheReplaySums, setting: ReturnType<TtlSetting>): string[] {
  const better = betterTtl(line);
  if (better === undefined || setting === 'auto' || (setting ?? '5m') === better) return [];
  if (!PLAIN_NAME.test(line.model)) return [];
  return [
    `Set it for ${line.model}: ${setCommand(line.model, better)}`,
    `Or let the gateway choose: ${setCommand(line.model, 'auto')}`,
  ];
}

/** The command that sets the lifetime of a model's cache marks. */
function setCommand(model: string, ttl: CacheTtl | 'auto'): string {
  return `moltbot config set 'agents.defaults.models["${model}"].params.cacheControlTtl' ${ttl}`;
}

function notes(lines: readonly CacheReplaySums[]): string[] {
  const unpriced = lines.reduce((sum, line) => sum + line.unpriced, 0);
  if (unpriced === 0) return [];
  return [`${count(unpriced)} ${unpriced === 1 ? 'request' : 'requests'} without a known price: in no figure.`];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

const BILL_FIELDS = ['cacheReadTokens', 'cacheWriteTokens', 'costNanoUsd'] as const;

/** One line of values for each model. */
export function cacheCsv(lines: readonly CacheReplaySums[]): string {
  const head = [
    'model',
    'cheaper',
    ...['requests', 'known', 'sessions', 'unpriced'],
    ...['was', 'with5m', 'with1h'].flatMap((name) => BILL_FIELDS.map((field) => `${name}.${field}`)),
  ];
  const rows = lines.map((line) => [
    line.model,
    betterTtl(line) ?? '',
    ...[line.requests, line.known, line.sessions, line.unpriced],
    ...[line.cost, line.bills['5m'], line.bills['1h']].flatMap((bill) => BILL_FIELDS.map((field) => bill[field])),
  ]);
  return csvText([head, ...rows]);
}
