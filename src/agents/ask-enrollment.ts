import { hash, randomInt, randomUUID } from 'node:crypto';
import { MoltbotError } from '../core/errors.ts';
import { networkOf } from '../core/network-of.ts';
import type { Secret } from '../core/secret.ts';
import { HOUR_MS } from '../core/time.ts';
import { hashToken } from './access-token.ts';
import type { AgentBooks } from './change-agents.ts';
import { lookAlike } from './enrollment-name.ts';
import { type Enrollment, EnrollmentStore } from './enrollment-store.ts';
import { newKeyText } from './key-text.ts';

export const POLL_TOKEN_PREFIX = 'mbp_';
/** How long a person has to decide. */
export const PENDING_FOR_MS = HOUR_MS;
const MOST_PENDING = 50;
const MOST_PENDING_PER_SOURCE = 5;
/** Letters that are not taken for another one, nor for a digit, and make no words. */
const CODE_ALPHABET = 'BCDFGHJKMNPQRSTVWXZ';

/** What an agent elsewhere says about itself. */
export interface EnrollmentWish {
  /** An agent id. */
  readonly name: string;
  readonly providers: readonly string[];
  readonly models?: readonly string[] | undefined;
  readonly reason: string;
  /** The address it comes from. */
  readonly source: string;
}

/**
 * Writes down that an agent asks to be let in. Gives the poll token, with which the decision (and once the agent key) can
 * be fetched; it is never stored. LIMIT_REACHED when too many wait; ALREADY_EXISTS for a name that is taken, asked for
 * already, or read for one that is.
 */
export function askEnrollment(
  books: AgentBooks,
  wish: EnrollmentWish,
  nowMs: number,
): { enrollment: Enrollment; pollToken: Secret } {
  const store = new EnrollmentStore(books.database);
  return books.database.transaction(() => {
    store.prune(nowMs);
    const pending = store.pending(nowMs);
    assertRoom(pending, wish.source);
    assertNameFree(wish.name, [...books.agents.list().map(({ id }) => id), ...pending.map(({ name }) => name)]);
    const pollToken = newKeyText(POLL_TOKEN_PREFIX);
    const enrollment = newEnrollment(wish, nowMs);
    store.add(enrollment, hashToken(pollToken.reveal()));
    const { id, name, providers, models, reason, source } = enrollment;
    const detail = { enrollmentId: id, providers, models, reason, source };
    books.audit.append({ actor: 'gateway', action: 'enrollment.asked', subject: name, detail }, nowMs);
    return { enrollment, pollToken };
  });
}

/**
 * SHA-256 (hex) over everything a person is shown before the decision. Lists and texts are told apart by JSON, so that
 * no two enrolments have one digest.
 */
export function digestOf(shown: Omit<Enrollment, 'digest' | 'state' | 'decidedAtMs' | 'decidedBy'>): string {
  const { id, code, name, providers, models, reason, source, createdAtMs, expiresAtMs } = shown;
  return hash(
    'sha256',
    JSON.stringify([id, code, name, providers, models, reason, source, createdAtMs, expiresAtMs]),
    'hex',
  );
}

function newEnrollment(wish: EnrollmentWish, nowMs: number): Enrollment {
  const shown = {
    id: `enr_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
    code: newCode(),
    name: wish.name,
    providers: [...new Set(wish.providers)].sort(),
    models: wish.models ? [...new Set(wish.models)].sort() : null,
    reason: wish.reason,
    source: wish.source,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + PENDING_FOR_MS,
  };
  return { ...shown, digest: digestOf(shown), state: 'pending', decidedAtMs: null, decidedBy: null };
}

/** `KTRW-QZXD`: short enough to read out. */
function newCode(): string {
  const letters = Array.from({ length: 8 }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]);
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
}

function assertRoom(pending: readonly Enrollment[], source: string): void {
  const own = pending.filter((each) => networkOf(each.source) === networkOf(source)).length;
  if (pending.length < MOST_PENDING && own < MOST_PENDING_PER_SOURCE) return;
  throw new MoltbotError('LIMIT_REACHED', 'Too many enrolments wait for a decision.', {
    hint: 'Ask the person who runs this gateway to decide on those first: moltbot agents pending',
  });
}

/** Which agents there are is not told to a stranger beyond what a refusal must say. */
function assertNameFree(name: string, taken: readonly string[]): void {
  const isTaken = taken.includes(name);
  if (!isTaken && lookAlike(name, taken) === undefined) return;
  throw new MoltbotError(
    'ALREADY_EXISTS',
    isTaken ? `The name "${name}" is taken or already asked for.` : `The name "${name}" looks like one that is taken.`,
    { hint: 'Choose another name: --name <name>' },
  );
}
