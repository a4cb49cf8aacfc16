import { MoltbotError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { printable } from '../core/text.ts';
import { DAY_MS } from '../core/time.ts';
import { AgentKeyStore } from './agent-key-store.ts';
import { digestOf } from './ask-enrollment.ts';
import { type AgentBooks, addAgent, type By } from './change-agents.ts';
import { canonicalModel } from './decide.ts';
import { type Enrollment, EnrollmentStore } from './enrollment-store.ts';
import type { Policy } from './policy.ts';

/** How long an approved agent may take to fetch its key, and a decision can be asked about. */
const COLLECT_WITHIN_MS = DAY_MS;

/** What a person decides about: the enrolment, and the digest of what they were shown. */
export interface ShownEnrollment {
  readonly id: string;
  readonly digest: string;
}

/** What is allowed; each list only what was asked for, or less. */
export interface AllowedTerms {
  readonly providers?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
}

/**
 * Lets an agent in, with no more than it asked for. It has no credentials then.
 * ENROLLMENT_NOT_FOUND, ENROLLMENT_CHANGED when something else was shown, USAGE for more than was asked, ALREADY_EXISTS.
 */
export function approveEnrollment(
  books: AgentBooks,
  shown: ShownEnrollment,
  allowed: AllowedTerms,
  { actor, nowMs }: By,
): { readonly enrollment: Enrollment; readonly policy: Policy } {
  return books.database.transaction(() => {
    const enrollment = undecided(books, shown, nowMs);
    const policy = policyOf(enrollment, allowed);
    addAgent(books, enrollment.name, { policy }, { actor, nowMs });
    const store = new EnrollmentStore(books.database);
    store.decide(enrollment.id, 'approved', actor, nowMs, nowMs + COLLECT_WITHIN_MS);
    const detail = { ...detailOf(enrollment), policy: JSON.stringify(policy) };
    books.audit.append({ actor, action: 'enrollment.approved', subject: enrollment.name, detail }, nowMs);
    return { enrollment, policy };
  });
}

/** Refuses an enrolment. ENROLLMENT_NOT_FOUND, ENROLLMENT_CHANGED. */
export function denyEnrollment(books: AgentBooks, shown: ShownEnrollment, { actor, nowMs }: By): Enrollment {
  return books.database.transaction(() => {
    const enrollment = undecided(books, shown, nowMs);
    new EnrollmentStore(books.database).decide(enrollment.id, 'denied', actor, nowMs, nowMs + COLLECT_WITHIN_MS);
    const detail = detailOf(enrollment);
    books.audit.append({ actor, action: 'enrollment.denied', subject: enrollment.name, detail }, nowMs);
    return enrollment;
  });
}

/**
 * Makes the agent key of an approved enrolment, for the first who asks: nothing of it rests anywhere before. Undefined
 * when it was fetched already, or when the agent is gone.
 */
export function collectEnrollment(books: AgentBooks, enrollment: Enrollment, nowMs: number): Secret | undefined {
  return books.database.transaction(() => {
    if (!books.agents.has(enrollment.name)) return undefined;
    if (!new EnrollmentStore(books.database).collect(enrollment.id)) return undefined;
    const { key, record } = new AgentKeyStore(books.database).issue(enrollment.name, 'key', nowMs);
    const detail = { ...detailOf(enrollment), keyId: record.id };
    const actor = `agent:${enrollment.name}` as const;
    books.audit.append({ actor, action: 'enrollment.collected', subject: enrollment.name, detail }, nowMs);
    return key;
  });
}

/** The pending one of that id or name. ENROLLMENT_NOT_FOUND. */
export function pendingEnrollment(books: Pick<AgentBooks, 'database'>, idOrName: string, nowMs: number): Enrollment {
  const pending = new EnrollmentStore(books.database).pending(nowMs);
  return pending.find(({ id, name }) => id === idOrName || name === idOrName) ?? notFound(idOrName);
}

function undecided({ database }: AgentBooks, { id, digest }: ShownEnrollment, nowMs: number): Enrollment {
  const enrollment = new EnrollmentStore(database).find(id, nowMs);
  if (enrollment?.state !== 'pending') return notFound(id);
  if (enrollment.digest === digest && digestOf(enrollment) === digest) return enrollment;
  throw new MoltbotError('ENROLLMENT_CHANGED', `The enrolment "${enrollment.name}" is not the one that was shown.`, {
    hint: 'Look at it again: moltbot agents pending',
  });
}

function policyOf(enrollment: Enrollment, allowed: AllowedTerms): Policy {
  const providers = allowed.providers ?? enrollment.providers;
  const asked = enrollment.models?.map(modelOf);
  const models = allowed.models?.map(modelOf) ?? asked;
  const more = [
    ...providers.filter((provider) => !enrollment.providers.includes(provider)),
    ...(asked && models ? models.filter((model) => !isAsked(asked, model)) : []),
  ];
  if (more.length === 0) return { providers: [...providers], ...(models && { models: [...models] }) };
  throw new MoltbotError('USAGE', `"${enrollment.name}" did not ask for ${more.map(printable).join(', ')}.`, {
    hint: 'An approval can only narrow what was asked for: moltbot agents pending',
  });
}

/** In its one spelling. A name without its provider would be on the list and allow nothing: USAGE. */
function modelOf(text: string): string {
  const model = canonicalModel(text);
  if (model !== undefined) return model;
  throw new MoltbotError('USAGE', `"${printable(text)}" does not name a model with its provider.`, {
    hint: 'For example: anthropic/claude-haiku-4-5, or anthropic/* for all of a provider.',
  });
}

/** `anthropic/*` covers every model of that provider. */
function isAsked(asked: readonly string[], model: string): boolean {
  return asked.includes(model) || asked.includes(`${model.split('/')[0]}/*`);
}

function detailOf({ id, code, digest }: Enrollment) {
  return { enrollmentId: id, code, digest };
}

function notFound(idOrName: string): never {
  throw new MoltbotError('ENROLLMENT_NOT_FOUND', `No enrolment "${printable(idOrName)}" waits for a decision.`, {
    hint: 'See which do: moltbot agents pending',
  });
}
