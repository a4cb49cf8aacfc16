/** Terms, pauses and keys of agents, enrolments, grants, admin keys; and what is written down of them all: audit and ledger. */
export const BROKER_TABLES = `
  -- Who an agent is and what it may do. A removed agent's row goes, and with it all that is its own.
  ALTER TABLE agents ADD COLUMN expires_at_ms INTEGER;
  ALTER TABLE agents ADD COLUMN policy TEXT;            -- JSON (src/agents/policy.ts); null: no limits
  ALTER TABLE agents ADD COLUMN labels TEXT;            -- JSON object of strings

  ALTER TABLE access_tokens ADD COLUMN policy TEXT;     -- JSON; narrows the agent's
  ALTER TABLE access_tokens ADD COLUMN uses_left INTEGER;
  ALTER TABLE access_tokens ADD COLUMN agent_key_id TEXT;  -- the agent key that asked for it; null: its owner here
  CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at_ms);

  -- Paused by a person (later: by a budget). agent_id '*' is everything.
  CREATE TABLE pauses (
    agent_id TEXT NOT NULL,
    cause    TEXT NOT NULL,                    -- 'person'; one row a cause
    reason   TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    by       TEXT NOT NULL,
    PRIMARY KEY (agent_id, cause)
  ) STRICT, WITHOUT ROWID;

  -- Long-lived identities of agents: agent keys and OAuth client secrets. Both can only ask for access tokens.
  CREATE TABLE agent_keys (
    id              TEXT PRIMARY KEY,
    agent_id        TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL CHECK (kind IN ('key', 'client_secret')),
    key_hash        BLOB NOT NULL UNIQUE,      -- SHA-256 of 256 random bits
    created_at_ms   INTEGER NOT NULL,
    expires_at_ms   INTEGER,                   -- set when it is replaced: the grace time
    last_used_at_ms INTEGER
  ) STRICT;
  CREATE INDEX agent_keys_by_agent ON agent_keys (agent_id);

  -- Agents elsewhere that ask to be let in. The key is made when the result is fetched, so none rests here.
  CREATE TABLE enrollments (
    id             TEXT PRIMARY KEY,
    poll_hash      BLOB NOT NULL UNIQUE,
    code           TEXT NOT NULL,              -- what both people see
    name           TEXT NOT NULL,
    providers      TEXT NOT NULL,              -- JSON list
    models         TEXT,                       -- JSON list
    reason         TEXT NOT NULL,
    source         TEXT NOT NULL,              -- the address it came from
    digest         TEXT NOT NULL,              -- of what was shown; an approval names it
    state          TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'collected')),
    created_at_ms  INTEGER NOT NULL,
    expires_at_ms  INTEGER NOT NULL,
    decided_at_ms  INTEGER,
    decided_by     TEXT
  ) STRICT;

  -- Profiles lent to another agent, by reference. Ends with the profile, with either agent, or when it is taken back.
  CREATE TABLE grants (
    owner_agent_id      TEXT NOT NULL,
    profile_id          TEXT NOT NULL,
    agent_id            TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    models              TEXT,                  -- JSON list; null: all
    requests_per_minute INTEGER,
    created_at_ms       INTEGER NOT NULL,
    created_by          TEXT NOT NULL,
    PRIMARY KEY (owner_agent_id, profile_id, agent_id),
    FOREIGN KEY (owner_agent_id, profile_id) REFERENCES profiles (agent_id, profile_id) ON DELETE CASCADE ON UPDATE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX grants_by_agent ON grants (agent_id);

  CREATE TABLE admin_keys (
    id              TEXT PRIMARY KEY,
    key_hash        BLOB NOT NULL UNIQUE,
    role            TEXT NOT NULL CHECK (role IN ('owner', 'admin')),
    label           TEXT NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    revoked_at_ms   INTEGER,
    last_used_at_ms INTEGER
  ) STRICT;

  -- Append-only. A row is written unsealed in the transaction of the decision it tells of, so that decision and row
  -- appear together also where the vault is locked; whoever has the audit key seals rows in order.
  CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms   INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL,                     -- JSON object, no secrets, no bodies
    mac     BLOB                               -- HMAC over this row and the mac before it; null: not sealed yet
  ) STRICT;
  CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit rows stay'); END;
  CREATE TRIGGER audit_keeps_content BEFORE UPDATE ON audit
    WHEN OLD.mac IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.at_ms <> OLD.at_ms OR NEW.actor <> OLD.actor
      OR NEW.action <> OLD.action OR NEW.subject <> OLD.subject OR NEW.detail <> OLD.detail
    BEGIN SELECT raise(ABORT, 'audit rows do not change'); END;
  CREATE INDEX audit_unsealed ON audit (seq) WHERE mac IS NULL;

  -- One row per attempt to forward. Committed before the upstream is called, completed before the client sees the end.
  CREATE TABLE ledger (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id       TEXT NOT NULL,
    attempt          INTEGER NOT NULL,
    admitted_at_ms   INTEGER NOT NULL,
    first_byte_at_ms INTEGER,
    ended_at_ms      INTEGER,                  -- null: under way, or cut off by a crash
    agent_id         TEXT NOT NULL,
    accessor         TEXT NOT NULL,
    session          TEXT NOT NULL,
    profile_agent_id TEXT NOT NULL,
    profile_id       TEXT NOT NULL,
    provider         TEXT NOT NULL,
    route            TEXT NOT NULL,
    model_asked      TEXT,
    model_served     TEXT,
    is_stream        INTEGER NOT NULL,
    status           INTEGER,
    outcome          TEXT,                     -- of rotation/outcome.ts, or 'interrupted', 'client_left', 'cut', 'broken'
    sent_bytes       INTEGER NOT NULL DEFAULT 0,
    labels           TEXT,                     -- JSON object
    completion       INTEGER,                  -- 1, 2, 3 … in the order in which rows ended, without a gap
    digest           BLOB                      -- SHA-256 over this row and the digest of the completion before it
  ) STRICT;
  CREATE TRIGGER ledger_keeps_completed BEFORE UPDATE ON ledger WHEN OLD.completion IS NOT NULL
    BEGIN SELECT raise(ABORT, 'completed ledger rows do not change'); END;
  CREATE INDEX ledger_open ON ledger (id) WHERE ended_at_ms IS NULL;
  CREATE UNIQUE INDEX ledger_by_completion ON ledger (completion) WHERE completion IS NOT NULL;
  CREATE INDEX ledger_by_agent ON ledger (agent_id, admitted_at_ms);
  `;
