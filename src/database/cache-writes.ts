import { ADDED_TO_USAGE, NO_USAGE_COUNTS, usageCountsOf, usageKeyOf } from './usage-quarters.ts';

const READERS = ['agent_id', 'profile_agent_id', 'profile_id', 'session'];

const OF_CONVERSATION = `${READERS.map((name) => `unread_cache_writes.${name} = NEW.${name}`).join(' AND ')}
        AND model = coalesce(NEW.model_served, '')`;

/** What the row that ends is the first to read of: written in its conversation, and alive when it was let out. */
const READ_NOW = `${OF_CONVERSATION} AND lives_until_ms >= NEW.admitted_at_ms
        AND ends_at_token - unread_tokens < NEW.cache_read_tokens`;

/** So many unread writes of a conversation are followed, or a few more: a program may call everything it does one session. */
const MOST_FOLLOWED = 32;

/** About every sixteenth row of a session forgets: that is often enough, and costs the others nothing. */
const NOW_AND_THEN = 'NEW.ended_at_ms % 16 = 0';

/** How late the end of a row may still be told of which read something while it lived. */
const LATEST_MS = 7_200_000;

const UNREAD = (ttl: '5m' | '1h') => `iif(NEW.service_tier IS 'batch', 0, coalesce(NEW.cache_write_${ttl}_tokens, 0))`;

/** What is written for longer stands before what is written for less: it ends where the other begins. */
function remember(ttl: '5m' | '1h', endsAt: string, livesMs: number): string {
  const tokens = `NEW.cache_write_${ttl}_tokens`;
  return `INSERT INTO unread_cache_writes
        SELECT NEW.agent_id, NEW.profile_agent_id, NEW.profile_id, coalesce(NEW.model_served, ''), NEW.session, NEW.id,
          '${ttl}', ${endsAt}, ${tokens}, coalesce(NEW.first_byte_at_ms, NEW.admitted_at_ms) + ${livesMs}
        WHERE ${tokens} > 0;`;
}

/** Of some that was written and never read: rows for `usage_quarters` that take `tokens` of it away. */
export function fewerUnread(tokens: string): string {
  return `SELECT ${usageKeyOf('ledger.')}, ${NO_USAGE_COUNTS}, iif(ttl = '5m', -(${tokens}), 0),
        iif(ttl = '1h', -(${tokens}), 0)
        FROM unread_cache_writes JOIN ledger ON ledger.id = ledger_id`;
}

/**
 * Follows what is written to caches until it is read or too old to be. A row that ends counts all it wrote as unread; a
 * later one of the same session, agent, profile and model whose prompt was read from the cache beyond where that began
 * takes it back, as far as it read, if it was let out while it lived: five minutes or an hour after the first byte of the
 * answer that wrote it. What is left stays counted, and so does what is older than the last few writes of a session.
 * Answers of a batch, which are one row, are not followed; rows from before this was followed count as read.
 */
export const CACHE_WRITES = `
  CREATE TABLE unread_cache_writes (
    agent_id         TEXT NOT NULL,            -- this and the next four: who can read it
    profile_agent_id TEXT NOT NULL,
    profile_id       TEXT NOT NULL,
    model            TEXT NOT NULL,
    session          TEXT NOT NULL,
    ledger_id        INTEGER NOT NULL,
    ttl              TEXT NOT NULL CHECK (ttl IN ('5m', '1h')),
    ends_at_token    INTEGER NOT NULL,         -- of the prompt; the unread tokens stand right before it
    unread_tokens    INTEGER NOT NULL,
    lives_until_ms   INTEGER NOT NULL,
    PRIMARY KEY (agent_id, profile_agent_id, profile_id, model, session, ledger_id, ttl)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX unread_cache_writes_by_end ON unread_cache_writes (lives_until_ms);
  DROP TRIGGER ledger_counts_ended;
  CREATE TRIGGER ledger_counts_ended AFTER UPDATE OF ended_at_ms ON ledger
    WHEN OLD.ended_at_ms IS NULL AND NEW.ended_at_ms IS NOT NULL
    BEGIN
      INSERT INTO usage_quarters
        VALUES (${usageKeyOf('NEW.')}, ${usageCountsOf('NEW.')}, ${UNREAD('5m')}, ${UNREAD('1h')}) ${ADDED_TO_USAGE};
    END;
  CREATE TRIGGER ledger_follows_cache_writes AFTER UPDATE OF ended_at_ms ON ledger
    WHEN OLD.ended_at_ms IS NULL AND NEW.ended_at_ms IS NOT NULL
      AND (NEW.cache_read_tokens > 0 OR NEW.cache_write_5m_tokens > 0 OR NEW.cache_write_1h_tokens > 0)
      AND NEW.service_tier IS NOT 'batch'
    BEGIN
      INSERT INTO usage_quarters
        ${fewerUnread('min(unread_tokens, NEW.cache_read_tokens - ends_at_token + unread_tokens)')}
        WHERE ${READ_NOW} ${ADDED_TO_USAGE};
      DELETE FROM unread_cache_writes WHERE ${READ_NOW} AND ends_at_token <= NEW.cache_read_tokens;
      UPDATE unread_cache_writes SET unread_tokens = ends_at_token - NEW.cache_read_tokens WHERE ${READ_NOW};
      ${remember('1h', 'NEW.cache_read_tokens + NEW.cache_write_1h_tokens', 3_600_000)}
      ${remember('5m', 'NEW.cache_read_tokens + NEW.cache_write_1h_tokens + NEW.cache_write_5m_tokens', 300_000)}
      DELETE FROM unread_cache_writes WHERE ${NOW_AND_THEN} AND ${OF_CONVERSATION} AND ledger_id <= (
        SELECT ledger_id FROM unread_cache_writes WHERE ${OF_CONVERSATION}
        ORDER BY ledger_id DESC LIMIT 1 OFFSET ${MOST_FOLLOWED});
      DELETE FROM unread_cache_writes WHERE ${NOW_AND_THEN} AND lives_until_ms < NEW.ended_at_ms - ${LATEST_MS};
    END;
`;
