/** What people were told of a budget in its window, so that a restart does not tell it again. Goes with the budget. */
export const BUDGET_STATES = `
  CREATE TABLE budget_states (
    name             TEXT PRIMARY KEY,
    window_start_ms  INTEGER NOT NULL,
    told_share       REAL NOT NULL,            -- the highest threshold that was passed, 0 to 1
    used_up_since_ms INTEGER                   -- null: there is something left
  ) STRICT, WITHOUT ROWID;
  `;
