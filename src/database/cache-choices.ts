/** What a gateway last chose for models whose `cacheControlTtl` is `auto`, and from which figures. */
export const CACHE_CHOICES = `
  CREATE TABLE cache_choices (
    model           TEXT PRIMARY KEY,          -- 'provider/model'
    ttl             TEXT NOT NULL CHECK (ttl IN ('5m', '1h')),
    at_5m_nano_usd  INTEGER NOT NULL,          -- what the requests would have cost with it
    at_1h_nano_usd  INTEGER NOT NULL,
    known           INTEGER NOT NULL,          -- requests that go on from another
    sessions        INTEGER NOT NULL,
    chosen_at_ms    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `;
