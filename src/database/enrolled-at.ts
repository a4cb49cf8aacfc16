export const ENROLLED_AT = `
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
  `;
