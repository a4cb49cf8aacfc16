import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../src/database/database.ts';
import { FILL_USAGE_QUARTERS } from '../../src/database/usage-quarters.ts';
import { scratchDirectory } from '../scratch.ts';

export interface FilledLedger {
  readonly env: NodeJS.ProcessEnv;
  /** Of the database, indexes and sums among them. */
  readonly bytes: number;
}

const DAYS_MS = 31 * 86_400_000;

/**
 * A home whose ledger holds so many completed rows, evenly over the last 31 days: 20 agents, three models. The sums by
 * quarter are filled as an update of an older state fills them: row by row it would take minutes.
 */
export function filledLedger(rows: number): FilledLedger {
  const home = scratchDirectory();
  const state = join(home, 'state');
  mkdirSync(state, { mode: 0o700 });
  const path = join(state, 'state.sqlite');
  const database = Database.open(path);
  database.transaction(() => {
    database.exec(insertText(rows, Date.now()));
    database.exec(FILL_USAGE_QUARTERS);
  });
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return { env: { PATH: process.env.PATH, HOME: home, MOLTBOT_HOME: state }, bytes: statSync(path).size };
}

function insertText(rows: number, nowMs: number): string {
  const atMs = `${nowMs - DAYS_MS} + n * ${DAYS_MS} / ${rows}`;
  const model = "CASE n % 3 WHEN 0 THEN 'claude-haiku-4-5' WHEN 1 THEN 'claude-sonnet-4-6' ELSE 'claude-opus-4-7' END";
  return `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
    INSERT INTO ledger (request_id, attempt, admitted_at_ms, first_byte_at_ms, ended_at_ms, agent_id, accessor, session,
      profile_agent_id, profile_id, provider, route, model_asked, model_served, is_stream, status, outcome, sent_bytes,
      completion, digest, usage_state, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
      output_tokens, reasoning_tokens, web_searches, service_tier, cost_nano_usd, price_version)
    SELECT printf('mbr_%024x', n), 1, ${atMs}, ${atMs} + 400, ${atMs} + 9000, 'agent-' || (n % 20),
      'acc_0123456789abcdef0123', printf('%043d', n % 1000), 'agent-' || (n % 20), 'anthropic:default', 'anthropic',
      'messages', ${model}, ${model}, 1, 200, iif(n % 50, 'ok', 'overloaded'), 4000,
      n, randomblob(32), 'reported', 1200, 30000, 800, 0, 700, 0, 0, 'standard', 8000000, '2026-11/anthropic/model/1'
    FROM numbers`;
}
