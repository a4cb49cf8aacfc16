import type { TokenStore } from '../../agents/token-store.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import type { GrantStore } from '../../profiles/grant-store.ts';
import type { ProfileStore } from '../../profiles/profile-store.ts';
import type { Authenticator } from '../admit/authenticate.ts';
import type { Standings } from '../admit/standings.ts';
import type { CutCause, OpenAnswer, OpenAnswers } from '../answer/open-answers.ts';
import type { HealthBook } from './health-book.ts';
import type { Persistence } from './persist.ts';

export interface StateWatchParts {
  readonly database: Database;
  readonly tokens: TokenStore;
  readonly profiles: ProfileStore;
  readonly grants: GrantStore;
  readonly authenticator: Authenticator;
  readonly standings: Standings;
  readonly health: HealthBook;
  readonly openAnswers: OpenAnswers;
  readonly persistence: Persistence;
  readonly forgetRosters: () => void;
  readonly streamGraceMs: () => number;
  readonly now: Clock;
}

const NEVER_SEEN = -1;
/** What another process writes in this time, it writes at the same time as the request comes in. */
const JUST_NOW_MS = 1;

/**
 * Notices what other processes wrote (a revocation, a new credential, a reset) by the database's change counter: at each
 * request, and a few times a second for answers under way.
 */
export class StateWatch {
  readonly #parts: StateWatchParts;
  #seen: number;
  #cutSeen: number;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: StateWatchParts) {
    this.#parts = parts;
    this.#seen = parts.database.changeCounter();
    this.#cutSeen = this.#seen;
  }

  /** Throws when the state cannot be read, or when something could not be written down: nothing is admitted then. */
  refresh(): void {
    const { database, persistence, authenticator, standings, health, forgetRosters } = this.#parts;
    if (persistence.failure) persistence.flush();
    if (persistence.failure) throw persistence.failure;
    // At every request, also at the second one of the same turn: "revoked" means the next request, not nearly the next.
    const counter = database.changeCounter();
    this.#lookedAtMs = performance.now();
    // What waits to be written is newer than what can be read.
    if (counter === this.#seen || !persistence.isIdle) return;
    this.#seen = counter;
    authenticator.clear();
    standings.clear();
    forgetRosters();
    health.reload();
  }

  /**
   * The same before each attempt of a request, which may have waited since it came in. Most have not: a second look
   * within a millisecond sees nothing new, and the counter takes 8 µs to read.
   */
  refreshAgain(): void {
    if (performance.now() - this.#lookedAtMs >= JUST_NOW_MS) this.refresh();
  }

  /** The change counter tells of other connections only: after a change of our own it is taken for changed. */
  noteOwnWrite(): void {
    this.#parts.authenticator.clear();
    this.#parts.standings.clear();
    this.#seen = NEVER_SEEN;
    this.#cutSeen = NEVER_SEEN;
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Ends answers whose token or credential is gone or whose agent is paused, and those that have outlived their token for too long. */
  cutEnded(): void {
    const { openAnswers, streamGraceMs, now } = this.#parts;
    const changed = this.#cutSeen !== this.#seen;
    this.#cutSeen = this.#seen;
    const graceMs = streamGraceMs();
    openAnswers.cutWhere((answer) => {
      const isOverdue = now() >= answer.expiresAtMs + graceMs;
      return changed || isOverdue ? this.#causeOf(answer, graceMs) : undefined;
    });
  }

  #causeOf(answer: OpenAnswer, graceMs: number): CutCause | undefined {
    const { tokens, standings, now } = this.#parts;
    const token = tokens.find(answer.accessor);
    if (!token || token.revokedAtMs !== null) return 'revoked';
    if (standings.pauseOf(answer.agentId)) return 'paused';
    if (!this.#mayStillServe(answer)) return 'removed';
    // Read anew: `moltbot run` may have renewed it.
    return now() >= token.expiresAtMs + graceMs ? 'expired' : undefined;
  }

  /** Its profile is still there and, where it is another agent's, still granted. */
  #mayStillServe({ agentId, profile }: OpenAnswer): boolean {
    const { profiles, grants } = this.#parts;
    if (!profile) return true;
    if (!profiles.get(profile.agentId, profile.profileId)) return false;
    return profile.agentId === agentId || grants.get(profile.agentId, profile.profileId, agentId) !== undefined;
  }
}
