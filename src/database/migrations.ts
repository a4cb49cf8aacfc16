import { ALERT_ROWS } from './alert-rows.ts';
import { BUDGET_STATES } from './budget-states.ts';
import { CACHE_CHOICES } from './cache-choices.ts';
import { CACHE_WRITES } from './cache-writes.ts';
import type { Database } from './database.ts';
import { HEALTH_RETESTS } from './health-retests.ts';
import { LEDGER_CUTS } from './ledger-cuts.ts';
import { LEDGER_RESERVATIONS } from './ledger-reservations.ts';
import { PROFILE_LIMITS } from './profile-limits.ts';
import { USAGE_DAYS } from './usage-days.ts';
import { USAGE_HOURS } from './usage-hours.ts';
import { HOURS_TO_QUARTERS } from './usage-quarters.ts';

/**
 * The schema, one entry per version, forward only. Never edit an entry that has shipped: add one.
 * Times are epoch milliseconds. No table holds a secret: credentials are in the vault, tokens are stored as SHA-256.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;

  CREATE TABLE agents (
    id            TEXT PRIMARY KEY,
    created_at_ms INTEGER NOT NULL
  ) STRICT;

  -- A profile and its secret appear and disappear together: state is 'pending' before the secret is in the vault and
  -- 'removing' before it is taken out; the start-up check finishes what a crash left.
  CREATE TABLE profiles (
    agent_id        TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    profile_id      TEXT NOT NULL,
    provider        TEXT NOT NULL,
    type            TEXT NOT NULL CHECK (type IN ('api_key', 'token')),
    state           TEXT NOT NULL CHECK (state IN ('pending', 'active', 'removing')),
    label           TEXT NOT NULL,             -- masked: prefix and last four
    fingerprint     TEXT NOT NULL,             -- HMAC with a local key, 8 hex digits
    base_url        TEXT,                      -- null: the provider's
    origin          TEXT NOT NULL,             -- the only origin the secret may be sent to
    generation      INTEGER NOT NULL,          -- goes up when the credential is replaced
    created_at_ms   INTEGER NOT NULL,
    replaced_at_ms  INTEGER,
    last_used_at_ms INTEGER,
    expires_at_ms   INTEGER,
    expiry_assumed  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (agent_id, profile_id)
  ) STRICT;

  CREATE TABLE health (
    agent_id         TEXT NOT NULL,
    profile_id       TEXT NOT NULL,
    model            TEXT NOT NULL,            -- '' covers the whole profile
    kind             TEXT NOT NULL CHECK (kind IN ('cooldown', 'disabled')),
    reason           TEXT NOT NULL,
    outcome          TEXT NOT NULL,
    http_status      INTEGER,
    error_type       TEXT,
    request_id       TEXT,
    caused_by        TEXT,
    since_ms         INTEGER NOT NULL,
    until_ms         INTEGER,
    rung             INTEGER NOT NULL,
    failures_in_row  INTEGER NOT NULL,
    last_failure_ms  INTEGER NOT NULL,
    changed_by       TEXT NOT NULL,
    PRIMARY KEY (agent_id, profile_id, model)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE access_tokens (
    accessor        TEXT PRIMARY KEY,
    token_hash      BLOB NOT NULL UNIQUE,      -- SHA-256 of a 256-bit random token needs no key
    agent_id        TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    providers       TEXT,                      -- JSON list; null: all of the agent's
    profile_id      TEXT,                      -- a strict pin
    label           TEXT,
    created_at_ms   INTEGER NOT NULL,
    expires_at_ms   INTEGER NOT NULL,
    renew_until_ms  INTEGER,                   -- set for 'moltbot run': its owner may move the expiry up to here
    refused_at_ms   INTEGER,                   -- first refused as expired; stays refused whatever the clock does
    revoked_at_ms   INTEGER
  ) STRICT;
  CREATE INDEX access_tokens_by_agent ON access_tokens (agent_id);

  -- Ids returned by files, batches and stored responses belong to the profile that made them.
  CREATE TABLE owned_ids (
    agent_id      TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    provider      TEXT NOT NULL,
    resource_id   TEXT NOT NULL,
    profile_id    TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (agent_id, provider, resource_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    agent_id        TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    provider        TEXT NOT NULL,
    session         TEXT NOT NULL,             -- SHA-256 of the client's session id
    profile_id      TEXT NOT NULL,
    last_used_at_ms INTEGER NOT NULL,
    PRIMARY KEY (agent_id, provider, session)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO agents (id, created_at_ms) VALUES ('main', CAST(unixepoch('subsec') * 1000 AS INTEGER));
  `,
  `
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
  `,
  `
  -- Agents of this machine that are let in at a gateway elsewhere. Their agent key is in the vault here or in a file.
  CREATE TABLE enrolled_at (
    agent_id      TEXT PRIMARY KEY,
    server_url    TEXT NOT NULL,               -- https://host:port
    fingerprint   TEXT,                        -- SHA-256 of the server's certificate, pinned; null: plain http
    certificate   TEXT,                        -- PEM of what it presented, for the programs started here
    providers     TEXT NOT NULL,               -- JSON list: what was asked for, then what was allowed
    key_file      TEXT,                        -- where the agent key is; null: in the vault
    enrollment_id TEXT,                        -- still waiting for a person there; null: let in
    code          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
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
  `,
  `
  -- What is charged for once, however often it is fetched: the results of a batch, and the row that has their cost.
  CREATE TABLE booked_once (
    key       TEXT PRIMARY KEY,                -- 'anthropic/msgbatch_…'
    ledger_id INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  USAGE_HOURS,
  PROFILE_LIMITS,
  ALERT_ROWS,
  LEDGER_RESERVATIONS,
  HOURS_TO_QUARTERS,
  HEALTH_RETESTS,
  BUDGET_STATES,
  CACHE_CHOICES,
  CACHE_WRITES,
  LEDGER_CUTS,
  USAGE_DAYS,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the database to SCHEMA_VERSION in one transaction; a crash leaves the old version. */
export function migrate(database: Database): void {
  database.transaction(() => {
    // Read again inside the transaction: another process may have migrated while this one waited for the lock.
    for (let version = database.schemaVersion(); version < SCHEMA_VERSION; version++)
      database.exec(MIGRATIONS[version]!);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}
