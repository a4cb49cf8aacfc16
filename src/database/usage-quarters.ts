/**
 * Migrations are made of this file, so what has shipped of it stays as it is; that is why it repeats `usage-hours.ts`.
 *
 * A row of the ledger as a row of `usage_quarters`: its key, in the order of the columns. The quarter is that of the
 * admission; '' stands for what the row does not have, so that the key is never null.
 */
export const usageKeyOf = (row: string) => `
  ${row}admitted_at_ms / 900000, ${row}agent_id, ${row}provider, coalesce(${row}model_served, ''),
  ${row}profile_agent_id, ${row}profile_id, coalesce(${row}token_label, ''), ${row}is_simulated, ${row}is_subscription,
  coalesce(${row}price_version, ''), coalesce(${row}service_tier, ''), coalesce(${row}inference_geo, '')`;

/** What it counts as, up to the last two columns: what was never read of its cache writes is not in the row. */
export const usageCountsOf = (row: string) => `
  1, coalesce(${row}outcome NOT IN ('ok', 'client_left'), 0),
  coalesce(${row}input_tokens, 0), coalesce(${row}cache_read_tokens, 0), coalesce(${row}cache_write_5m_tokens, 0),
  coalesce(${row}cache_write_1h_tokens, 0), coalesce(${row}output_tokens, 0), coalesce(${row}reasoning_tokens, 0),
  coalesce(${row}web_searches, 0), coalesce(${row}cost_nano_usd, 0),
  ${row}usage_state IS NOT NULL AND ${row}cost_nano_usd IS NULL, coalesce(${row}usage_state <> 'reported', 0),
  coalesce(${row}held_nano_usd, 0), coalesce(${row}held_tokens, 0),
  coalesce(${row}held_nano_usd, ${row}held_tokens) IS NOT NULL,
  coalesce(${row}usage_state, ${row}held_nano_usd, ${row}held_tokens) IS NOT NULL`;

/** A sum that JavaScript can read: what foreign figures take beyond that is not told. */
export function summed(column: string): string {
  return `min(sum(${column}), ${Number.MAX_SAFE_INTEGER})`;
}

/** What a row of it is found by, beside the quarter. */
export const USAGE_KEYS = [
  'agent_id',
  'provider',
  'model',
  'profile_agent_id',
  'profile_id',
  'token_label',
  'is_simulated',
  'is_subscription',
  'price_version',
  'service_tier',
  'inference_geo',
] as const;
const KEYS = ['quarter', ...USAGE_KEYS].join(', ');

const PLAIN_COUNTS = [
  'requests',
  'failed',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'web_searches',
  'cost_nano_usd',
  'unpriced',
  'estimated',
  'held_nano_usd',
  'held_tokens',
  'held',
  'charged',
] as const;
export const USAGE_COUNTS = [...PLAIN_COUNTS, 'unread_5m_tokens', 'unread_1h_tokens'] as const;

/** In the place of `usageCountsOf` where only what was never read changes. */
export const NO_USAGE_COUNTS = PLAIN_COUNTS.map(() => '0').join(', ');

/** The columns of `usage_quarters` and of `LEDGER_AS_USAGE`, in order. */
export const USAGE_COLUMNS = `${KEYS}, ${USAGE_COUNTS.join(', ')}`;

/** Rows of the ledger with the columns of `usage_quarters`; what stands behind it chooses which. */
export const LEDGER_AS_USAGE = `SELECT ${usageKeyOf('')}, ${usageCountsOf('')}, 0, 0 FROM ledger`;

/** Fills an empty `usage_quarters` from all rows that have ended. */
export const FILL_USAGE_QUARTERS = `
  WITH ended (${USAGE_COLUMNS}) AS (${LEDGER_AS_USAGE} WHERE ended_at_ms IS NOT NULL)
  INSERT INTO usage_quarters SELECT ${KEYS}, ${USAGE_COUNTS.map((count) => `sum(${count})`).join(', ')}
  FROM ended GROUP BY ${KEYS};`;

/** Behind an INSERT into `usage_quarters`: adds to the sums that are there. */
export const ADDED_TO_USAGE = `ON CONFLICT DO UPDATE SET
  ${USAGE_COUNTS.map((count) => `${count} = ${count} + excluded.${count}`).join(', ')}`;

/** A table of sums with those columns. */
export const usageTable = (name: string) => `CREATE TABLE ${name} (
    quarter               INTEGER NOT NULL,    -- since the epoch, UTC
    agent_id              TEXT NOT NULL,
    provider              TEXT NOT NULL,
    model                 TEXT NOT NULL,       -- as it went upstream; '': none
    profile_agent_id      TEXT NOT NULL,
    profile_id            TEXT NOT NULL,
    token_label           TEXT NOT NULL,       -- of the access token; '': none
    is_simulated          INTEGER NOT NULL,
    is_subscription       INTEGER NOT NULL,
    price_version         TEXT NOT NULL,       -- this and the next two: what the cost was reckoned with; '': nothing
    service_tier          TEXT NOT NULL,
    inference_geo         TEXT NOT NULL,
    ${USAGE_COUNTS.map((count) => `${count.padEnd(21)} INTEGER NOT NULL,`).join('\n    ')}
    PRIMARY KEY (${KEYS})
  ) STRICT, WITHOUT ROWID;`;

/**
 * The sums of the ledger by quarter of an hour, kept by the database itself: whatever ends a row of the ledger counts it
 * here in the same transaction. Quarters, because a day of any time zone begins at one; and because budgets and reports
 * that begin at any moment read at most one quarter's rows beside them.
 */
export const USAGE_QUARTERS = `
  ${usageTable('usage_quarters')}
  CREATE TRIGGER ledger_counts_ended AFTER UPDATE OF ended_at_ms ON ledger
    WHEN OLD.ended_at_ms IS NULL AND NEW.ended_at_ms IS NOT NULL
    BEGIN
      INSERT INTO usage_quarters VALUES (${usageKeyOf('NEW.')}, ${usageCountsOf('NEW.')}, 0, 0) ${ADDED_TO_USAGE};
    END;
  ${FILL_USAGE_QUARTERS}
`;

/** The migration to them: quarters in the place of hours. */
export const HOURS_TO_QUARTERS = `
  DROP TRIGGER ledger_counts_ended;
  DROP TABLE usage_hours;
  ${USAGE_QUARTERS}
`;
