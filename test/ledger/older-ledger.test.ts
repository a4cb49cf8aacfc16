import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { MIGRATIONS } from '../../src/database/migrations.ts';
import { USAGE_HOURS } from '../../src/database/usage-hours.ts';
import { usageReport } from '../../src/ledger/usage-report.ts';

const FIRST = Date.UTC(2026, 10, 1);
const NOW = FIRST + 40 * 86_400_000;

it('the sums of a ledger that was counted by the hour are the same by quarters and days', () => {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-older-'));
  const path = join(directory, 'state.sqlite');
  try {
    const older = new DatabaseSync(path);
    const version = MIGRATIONS.indexOf(USAGE_HOURS) + 1;
    for (const migration of MIGRATIONS.slice(0, version)) older.exec(migration);
    older.exec(`PRAGMA user_version = ${version};
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300)
      INSERT INTO ledger (request_id, attempt, admitted_at_ms, agent_id, accessor, session, profile_agent_id, profile_id,
        provider, route, model_served, is_stream)
      SELECT 'mbr_' || n, 1, ${FIRST} + n * 1000000, iif(n % 2, 'main', 'ci'), 'a', 's', 'main', 'anthropic:work',
        'anthropic', 'messages', 'claude-haiku-4-5', 0 FROM numbers;
      UPDATE ledger SET ended_at_ms = admitted_at_ms + 1, outcome = 'ok', completion = id, usage_state = 'reported',
        input_tokens = id, cache_read_tokens = 0, cache_write_5m_tokens = 7, cache_write_1h_tokens = 0, output_tokens = 1,
        reasoning_tokens = 0, web_searches = 0, cost_nano_usd = id * 10 WHERE id < 300;`);
    older.close();
    const database = Database.open(path);
    const { lines, total } = usageReport(database, { sinceMs: FIRST, nowMs: NOW, by: 'agent' });
    expect(total).toMatchObject({
      requests: 300,
      inputTokens: 44_850,
      costNanoUsd: 448_500,
      unread5mTokens: 0,
      held: 0,
    });
    expect(lines.map(({ key, requests }) => [key, requests])).toEqual([
      ['main', 150],
      ['ci', 150],
    ]);
    for (const table of ['usage_quarters', 'usage_days'])
      expect(database.get(`SELECT sum(requests) AS n, sum(charged) AS charged FROM ${table}`)).toEqual({
        n: 299,
        charged: 299,
      });
    database.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
