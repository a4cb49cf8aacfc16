export const LEDGER_USAGE = `
  -- What the answer of a row used and cost; all null where nobody is charged for anything.
  ALTER TABLE ledger ADD COLUMN is_subscription INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE ledger ADD COLUMN is_simulated INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE ledger ADD COLUMN usage_state TEXT;        -- 'reported', 'partial', 'estimated'
  ALTER TABLE ledger ADD COLUMN input_tokens INTEGER;    -- neither read from a cache nor written to one
  ALTER TABLE ledger ADD COLUMN cache_read_tokens INTEGER;
  ALTER TABLE ledger ADD COLUMN cache_write_5m_tokens INTEGER;
  ALTER TABLE ledger ADD COLUMN cache_write_1h_tokens INTEGER;
  ALTER TABLE ledger ADD COLUMN output_tokens INTEGER;   -- reasoning among them
  ALTER TABLE ledger ADD COLUMN reasoning_tokens INTEGER;
  ALTER TABLE ledger ADD COLUMN web_searches INTEGER;
  ALTER TABLE ledger ADD COLUMN service_tier TEXT;       -- this and the next two: what the price depends on
  ALTER TABLE ledger ADD COLUMN inference_geo TEXT;
  ALTER TABLE ledger ADD COLUMN speed TEXT;
  ALTER TABLE ledger ADD COLUMN cost_ticks INTEGER;      -- the provider's own figure, in 10^-10 dollars
  ALTER TABLE ledger ADD COLUMN cost_nano_usd INTEGER;   -- null: no price is known
  ALTER TABLE ledger ADD COLUMN price_version TEXT;
  CREATE INDEX ledger_by_time ON ledger (admitted_at_ms);
  CREATE INDEX ledger_by_request ON ledger (request_id);
  `;
