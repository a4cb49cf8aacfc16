import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import type { AgentBooks } from '../../agents/change-agents.ts';
import { issueToken, revokeToken } from '../../agents/change-tokens.ts';
import type { TokenGrant } from '../../agents/token-store.ts';
import { thisPerson } from '../../audit/actor.ts';
import type { BudgetLeft } from '../../budgets/token-budget.ts';
import { leftOfTokens } from '../../budgets/token-spent.ts';
import { isMoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { type Clock, DAY_MS, SECOND_MS } from '../../core/time.ts';

/** The longest that one token is renewed for. */
const RENEW_FOR_MS = 7 * DAY_MS;
/** After a sleep longer than this the token stays expired: the person starts the program again. */
const LONGEST_SLEEP_MS = DAY_MS;
/** Timers stand still while a machine sleeps, so the wall clock is looked at often. */
const LOOK_EVERY_MS = 5 * SECOND_MS;

export interface KeptToken {
  readonly token: Secret;
  readonly accessor: string;
  /** What it has spent of its budget; undefined where it has none or a gateway elsewhere keeps count. */
  readonly left?: () => BudgetLeft | undefined;
  /** Stops renewing and revokes. */
  end(): void | Promise<void>;
}

/**
 * Issues a token that stays valid while this process lives: renewed in place when half of its time is over, also when it
 * ran out while the machine slept. If this process is killed the token dies by itself within ten minutes.
 */
export function keepToken(
  books: AgentBooks,
  grant: Omit<TokenGrant, 'ttlMs' | 'renewForMs'>,
  now: Clock,
  lookEveryMs: number = LOOK_EVERY_MS,
): KeptToken {
  const by = () => ({ actor: thisPerson(), nowMs: now() });
  const { token, record } = issueToken(books, { ...grant, ttlMs: DEFAULT_TTL_MS, renewForMs: RENEW_FOR_MS }, by());
  let expiresAtMs = record.expiresAtMs;
  const look = () => {
    const leftMs = expiresAtMs - now();
    if (leftMs > DEFAULT_TTL_MS / 2 || leftMs < -LONGEST_SLEEP_MS) return;
    try {
      // Decided when it was issued: these renewals are no rows of the audit.
      if (books.tokens.renew(record.accessor, DEFAULT_TTL_MS, now())) expiresAtMs = now() + DEFAULT_TTL_MS;
    } catch (error) {
      // The database is busy or its disk is full just now; the next look comes long before the token ends.
      if (!isMoltbotError(error)) throw error;
    }
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    token,
    accessor: record.accessor,
    left: () => leftOfTokens(books.database, [record]).get(record.accessor),
    end: () => {
      clearInterval(timer);
      // An agent that was removed meanwhile took its tokens along.
      if (books.tokens.find(record.accessor)) revokeToken(books, record.accessor, by());
    },
  };
}
