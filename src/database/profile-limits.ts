/** What the last answer said of a profile's limits at the provider. Goes with the profile. */
export const PROFILE_LIMITS = `
  CREATE TABLE limits (
    agent_id     TEXT NOT NULL,
    profile_id   TEXT NOT NULL,
    name         TEXT NOT NULL,                -- '5h', 'input-tokens'
    used         REAL,                         -- the share that is used, 0 to 1
    remaining    INTEGER,
    most         INTEGER,
    resets_at_ms INTEGER,
    seen_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (agent_id, profile_id, name),
    FOREIGN KEY (agent_id, profile_id) REFERENCES profiles (agent_id, profile_id) ON DELETE CASCADE ON UPDATE CASCADE
  ) STRICT, WITHOUT ROWID;
  `;
