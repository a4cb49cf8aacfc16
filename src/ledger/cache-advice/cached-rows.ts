import type { Database } from '../../database/database.ts';

/** What the replay needs of a row of the ledger. */
export interface CachedRow {
  readonly admittedAtMs: number;
  readonly agentId: string;
  readonly profileAgentId: string;
  readonly profileId: string;
  readonly provider: string;
  readonly modelServed: string;
  readonly session: string;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  readonly webSearches: number;
  readonly serviceTier: string | null;
  readonly inferenceGeo: string | null;
  readonly costNanoUsd: number | null;
  readonly priceVersion: string | null;
}

export interface CachedRowsQuery {
  readonly sinceMs: number;
  readonly agentId?: string | undefined;
}

/** Ids looked at in one go, which the event loop waits for: about 2 ms with what is made of the rows. */
const PAGE_IDS = 250;

/**
 * Rows in the order of their admission, page by page, none kept: answers of Messages to API keys that read or wrote a
 * cache. What the simulator answered is not among them. Rows that are admitted while this goes on are left out.
 */
export function* cachedRows(database: Database, { sinceMs, agentId }: CachedRowsQuery): Generator<CachedRow[], void> {
  const first = database.get<{ id: number }>(
    'SELECT id FROM ledger WHERE admitted_at_ms >= ? ORDER BY admitted_at_ms, id LIMIT 1',
    sinceMs,
  );
  const last = database.get<{ id: number | null }>('SELECT max(id) AS id FROM ledger')?.id ?? 0;
  for (let after = (first?.id ?? last + 1) - 1; after < last; after += PAGE_IDS)
    yield database.all<CachedRow>(PAGE, after, Math.min(after + PAGE_IDS, last), sinceMs, agentId ?? null);
}

/** The plus signs keep the other indexes out of it: a page is a range of ids. */
const PAGE = `
  SELECT admitted_at_ms AS admittedAtMs, agent_id AS agentId, profile_agent_id AS profileAgentId,
    profile_id AS profileId, provider, model_served AS modelServed, session, input_tokens AS inputTokens,
    cache_read_tokens AS cacheReadTokens, cache_write_5m_tokens AS cacheWrite5mTokens,
    cache_write_1h_tokens AS cacheWrite1hTokens, output_tokens AS outputTokens, web_searches AS webSearches,
    service_tier AS serviceTier, inference_geo AS inferenceGeo, cost_nano_usd AS costNanoUsd,
    price_version AS priceVersion
  FROM ledger
  WHERE id > ?1 AND id <= ?2 AND +admitted_at_ms >= ?3 AND (?4 IS NULL OR +agent_id = ?4) AND route = 'messages'
    AND model_served IS NOT NULL AND is_subscription = 0 AND is_simulated = 0
    AND cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens > 0
  ORDER BY id`;
