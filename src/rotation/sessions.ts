import { HOUR_MS } from '../core/time.ts';

const MOST_SESSIONS = 10_000;
const IDLE_MS = HOUR_MS;

/** A client's session, known to one agent and provider. `session` is the SHA-256 of the client's id. */
export interface SessionKey {
  readonly agentId: string;
  readonly provider: string;
  readonly session: string;
}

/** Which profile a session was served by: what is stored across a restart. `profileId` is the candidate's id. */
export interface SessionEntry extends SessionKey {
  readonly profileId: string;
  readonly lastUsedAtMs: number;
}

/**
 * Keeps a session on its profile, because changing it throws the provider's prompt cache away. At most 10,000, least
 * recently used out; one that was idle for an hour is over.
 */
export class SessionMap {
  /** In order of use, the least recent first. */
  readonly #entries = new Map<string, SessionEntry>();

  constructor(entries: readonly SessionEntry[] = []) {
    for (const entry of entries.toSorted((a, b) => a.lastUsedAtMs - b.lastUsedAtMs)) this.#keep(entry);
  }

  /** The profile that serves this session, if it was used within the hour. */
  find(key: SessionKey, nowMs: number): string | undefined {
    const entry = this.#entries.get(keyOf(key));
    return entry && nowMs - entry.lastUsedAtMs < IDLE_MS ? entry.profileId : undefined;
  }

  /** Notes that the profile served (or is about to serve) this session. Gives the entry to store. */
  remember({ agentId, provider, session }: SessionKey, profileId: string, nowMs: number): SessionEntry {
    const entry = { agentId, provider, session, profileId, lastUsedAtMs: nowMs };
    this.#keep(entry);
    return entry;
  }

  /** Drops a session whose profile became unusable for its model. */
  forget(key: SessionKey): void {
    this.#entries.delete(keyOf(key));
  }

  /** Drops every session of a profile that was removed or renamed. `profileId` as this agent knows it. */
  forgetProfile(agentId: string, profileId: string): void {
    for (const [key, entry] of this.#entries)
      if (entry.agentId === agentId && entry.profileId === profileId) this.#entries.delete(key);
  }

  /** Everything that is still alive, least recently used first. */
  entries(nowMs: number): SessionEntry[] {
    return [...this.#entries.values()].filter((entry) => nowMs - entry.lastUsedAtMs < IDLE_MS);
  }

  #keep(entry: SessionEntry): void {
    const key = keyOf(entry);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= MOST_SESSIONS) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }
}

function keyOf({ agentId, provider, session }: SessionKey): string {
  return `${agentId}/${provider}/${session}`;
}
