export const BOOKED_ONCE = `
  -- What is charged for once, however often it is fetched: the results of a batch, and the row that has their cost.
  CREATE TABLE booked_once (
    key       TEXT PRIMARY KEY,                -- 'anthropic/msgbatch_…'
    ledger_id INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `;
