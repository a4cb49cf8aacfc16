import { timingSafeEqual } from 'node:crypto';
import { hashToken, isWellFormedToken } from '../../agents/access-token.ts';
import type { AccessToken, TokenStore } from '../../agents/token-store.ts';
import { MoltbotError } from '../../core/errors.ts';
import { presentedTokens } from '../headers/credentials.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';

/** How many tokens are kept in memory between two changes of the database. */
const TOKENS_KEPT = 20_000;

/** Which access token a request carries, and whether it may still be used. */
export class Authenticator {
  readonly #tokens: TokenStore;
  readonly #known = new Map<string, { hash: Buffer; token: AccessToken }>();

  constructor(tokens: TokenStore) {
    this.#tokens = tokens;
  }

  /** Forgets what was read: somebody else wrote to the database. */
  clear(): void {
    this.#known.clear();
  }

  /**
   * The token in `authorization`, `x-api-key`, or both: clients send both, and junk in one of them. Malformed, unknown
   * and wrong-kind are one generic TOKEN_REJECTED; TOKEN_EXPIRED and TOKEN_REVOKED are named only to a holder of the
   * whole token. Two different valid tokens are AMBIGUOUS_CREDENTIALS.
   */
  authenticate(raw: RawHeaders, nowMs: number): AccessToken {
    const found = presentedTokens(raw)
      .map((text) => this.#find(text))
      .filter((token) => token !== undefined);
    const valid = found.filter((token) => refusalOf(token, nowMs) === undefined);
    if (new Set(valid.map((token) => token.accessor)).size > 1) throw ambiguous();
    if (valid[0]) return valid[0];
    if (!found[0]) throw rejected();
    throw this.#refuse(found[0], nowMs);
  }

  /** The token as it stands in the database now, for answers under way. */
  current(accessor: string): AccessToken | undefined {
    return this.#tokens.find(accessor);
  }

  /** Takes one use of a token that has a count; false when none is left. */
  takeUse(accessor: string): boolean {
    return this.#tokens.takeUse(accessor);
  }

  /** Every text is hashed and looked up, also a malformed one: all refusals cost the same. */
  #find(text: string): AccessToken | undefined {
    const hash = hashToken(text);
    const key = hash.toString('base64');
    const known = this.#known.get(key);
    if (known && timingSafeEqual(known.hash, hash)) return known.token;
    const token = this.#tokens.findByHash(hash);
    if (!token || !isWellFormedToken(text)) return undefined;
    this.#known.set(key, { hash, token });
    if (this.#known.size > TOKENS_KEPT) this.#known.delete(this.#known.keys().next().value!);
    return token;
  }

  /** A token once refused as expired stays refused, whatever the clock does, until its owner renews it. */
  #refuse(token: AccessToken, nowMs: number): MoltbotError {
    const refusal = refusalOf(token, nowMs)!;
    if (refusal === 'TOKEN_EXPIRED' && token.refusedAtMs === null) {
      this.#tokens.markRefused(token.accessor, nowMs);
      this.clear();
    }
    return refusal === 'TOKEN_EXPIRED' ? expired() : revoked();
  }
}

/** Why a token may not start a request now. A token is valid up to, and not at, its expiry. */
export function refusalOf(token: AccessToken, nowMs: number): 'TOKEN_EXPIRED' | 'TOKEN_REVOKED' | undefined {
  if (token.revokedAtMs !== null) return 'TOKEN_REVOKED';
  return token.refusedAtMs !== null || nowMs >= token.expiresAtMs ? 'TOKEN_EXPIRED' : undefined;
}

/** No text here may say "x-api-key": Claude Code 2.1 shows "Not logged in" in place of any 401 whose text does. */
function rejected(): MoltbotError {
  return new MoltbotError('TOKEN_REJECTED', 'No valid moltbot access token was sent.', {
    hint: 'Send one as "Authorization: Bearer mbt_…"; the person who runs this gateway makes them with: moltbot get <provider>, or starts a program with: moltbot run -- <program>',
  });
}

function expired(): MoltbotError {
  return new MoltbotError('TOKEN_EXPIRED', 'This moltbot access token has expired.', {
    hint: 'Get a new one: moltbot get <provider>. A program started with "moltbot run" keeps its token fresh.',
  });
}

function revoked(): MoltbotError {
  return new MoltbotError('TOKEN_REVOKED', 'This moltbot access token was revoked.', {
    hint: 'Ask the person who runs this gateway for a new one.',
  });
}

function ambiguous(): MoltbotError {
  return new MoltbotError('AMBIGUOUS_CREDENTIALS', 'Two different valid access tokens were sent.', {
    hint: 'Send only one of them.',
  });
}
