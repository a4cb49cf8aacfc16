import type { CacheTtl } from '../catalog/model-price.ts';
import { paramsOf } from '../config/agent-view.ts';
import { parseModelRef } from '../config/model-ref.ts';
import type { Config } from '../config/schema.ts';
import { MAIN_AGENT } from '../core/ids.ts';
import { usd } from '../core/usd.ts';
import { betterTtl, type CacheBill, type CacheReplaySums } from '../ledger/cache-advice/cache-verdict.ts';

/** `usage cache --json`, and what the API answers. */
export interface CacheAdviceJson {
  readonly schemaVersion: 1;
  /** Epoch ms. */
  readonly since: number;
  readonly items: readonly CacheAdviceLine[];
}

export interface CacheAdviceLine extends Omit<CacheReplaySums, 'cost' | 'bills'> {
  readonly was: CacheBillJson;
  readonly with5m: CacheBillJson;
  readonly with1h: CacheBillJson;
  /** Null: not enough data. */
  readonly cheaper: CacheTtl | null;
  /** What is set for it now. */
  readonly setting: CacheTtl | 'auto' | null;
}

type CacheBillJson = CacheBill & { readonly costUsd: string };

export function cacheAdviceJson(
  lines: readonly CacheReplaySums[],
  { sinceMs, settingOf }: { readonly sinceMs: number; readonly settingOf: (model: string) => CacheTtl | 'auto' | null },
): CacheAdviceJson {
  const items = lines.map(({ cost, bills, ...line }) => ({
    ...line,
    was: withUsd(cost),
    with5m: withUsd(bills['5m']),
    with1h: withUsd(bills['1h']),
    cheaper: betterTtl({ ...line, bills }) ?? null,
    setting: settingOf(line.model),
  }));
  return { schemaVersion: 1, since: sinceMs, items };
}

/** What `cacheControlTtl` is set to for a model of an agent (of `main` where none is named). */
export function ttlSettingOf(config: Config, agentId = MAIN_AGENT): (model: string) => CacheTtl | 'auto' | null {
  return (model) => {
    const ref = parseModelRef(model);
    return (ref && paramsOf(config, agentId, ref).cacheControlTtl) ?? null;
  };
}

function withUsd(bill: CacheBill): CacheBillJson {
  return { ...bill, costUsd: usd(bill.costNanoUsd) };
}
