/** What people were told, for those who look later. */
export const ALERT_ROWS = `
  CREATE TABLE alerts (
    seq     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL,                     -- 'alt_…'
    at_ms   INTEGER NOT NULL,
    kind    TEXT NOT NULL,                     -- 'budget.used_up'
    subject TEXT NOT NULL,
    text    TEXT NOT NULL,                     -- one sentence for people
    detail  TEXT NOT NULL                      -- JSON object: the facts
  ) STRICT;
  CREATE INDEX alerts_by_time ON alerts (at_ms);
  `;
