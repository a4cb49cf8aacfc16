/**
 * Frozen with the migration that it is: `usage-quarters.ts` has taken its place.
 *
 * A row of the ledger as a row of `usage_hours`, in the order of its columns. The hour is that of the admission; 0 and ''
 * stand for what the row does not have, so that the key is never null.
 */
const OF = (row: string) => `
  ${row}admitted_at_ms / 3600000, ${row}agent_id, ${row}provider, coalesce(${row}model_served, ''),
  ${row}profile_agent_id, ${row}profile_id, ${row}is_simulated, ${row}is_subscription,
  coalesce(${row}price_version, ''), coalesce(${row}service_tier, ''), coalesce(${row}inference_geo, ''),
  1, coalesce(${row}outcome NOT IN ('ok', 'client_left'), 0),
  coalesce(${row}input_tokens, 0), coalesce(${row}cache_read_tokens, 0), coalesce(${row}cache_write_5m_tokens, 0),
  coalesce(${row}cache_write_1h_tokens, 0), coalesce(${row}output_tokens, 0), coalesce(${row}reasoning_tokens, 0),
  coalesce(${row}web_searches, 0), coalesce(${row}cost_nano_usd, 0),
  ${row}usage_state IS NOT NULL AND ${row}cost_nano_usd IS NULL, coalesce(${row}usage_state <> 'reported', 0)`;

const KEYS = `hour, agent_id, provider, model, profile_agent_id, profile_id, is_simulated, is_subscription,
  price_version, service_tier, inference_geo`;

const USAGE_COUNTS = [
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
] as const;

const USAGE_COLUMNS = `${KEYS}, ${USAGE_COUNTS.join(', ')}`;

const LEDGER_AS_USAGE = `SELECT ${OF('')} FROM ledger`;

const FILL_USAGE_HOURS = `
  WITH ended (${USAGE_COLUMNS}) AS (${LEDGER_AS_USAGE} WHERE ended_at_ms IS NOT NULL)
  INSERT INTO usage_hours SELECT ${KEYS}, ${USAGE_COUNTS.map((count) => `sum(${count})`).join(', ')}
  FROM ended GROUP BY ${KEYS};`;

/**
 * The sums of the ledger by hour, kept by the database itself: whatever ends a row of the ledger counts it here in the
 * same transaction. Hours and not days, because reports begin at any moment: at most one hour's rows are read beside it.
 */
export const USAGE_HOURS = `
  CREATE TABLE usage_hours (
    hour                  INTEGER NOT NULL,    -- since the epoch, UTC
    agent_id              TEXT NOT NULL,
    provider              TEXT NOT NULL,
    model                 TEXT NOT NULL,       -- as it went upstream; '': none
    profile_agent_id      TEXT NOT NULL,
    profile_id            TEXT NOT NULL,
    is_simulated          INTEGER NOT NULL,
    is_subscription       INTEGER NOT NULL,
    price_version         TEXT NOT NULL,       -- this and the next two: what the cost was reckoned with; '': nothing
    service_tier          TEXT NOT NULL,
    inference_geo         TEXT NOT NULL,
    ${USAGE_COUNTS.map((count) => `${count.padEnd(21)} INTEGER NOT NULL,`).join('\n    ')}
    PRIMARY KEY (${KEYS})
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER ledger_counts_ended AFTER UPDATE OF ended_at_ms ON ledger
    WHEN OLD.ended_at_ms IS NULL AND NEW.ended_at_ms IS NOT NULL
    BEGIN
      INSERT INTO usage_hours VALUES (${OF('NEW.')})
      ON CONFLICT DO UPDATE SET ${USAGE_COUNTS.map((count) => `${count} = ${count} + excluded.${count}`).join(', ')};
    END;
  CREATE INDEX ledger_labelled ON ledger (admitted_at_ms) WHERE labels IS NOT NULL;
  ${FILL_USAGE_HOURS}
`;
