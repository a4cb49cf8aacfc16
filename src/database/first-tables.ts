/** Agents, their profiles and the health of these, access tokens, and which profile made or served what. */
export const FIRST_TABLES = `
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
  `;
