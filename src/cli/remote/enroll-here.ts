import { rmSync } from 'node:fs';
import { type EnrolledAgent, EnrolledStore } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { thisPerson } from '../../audit/actor.ts';
import type { AuditAction } from '../../audit/audit-log.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { auditedEdit } from '../audited-edit.ts';
import { configEdits } from '../onboarding/store-credentials.ts';
import { chooseVault, type VaultKind } from '../onboarding/vault-choice.ts';
import { askToEnroll, type EnrollmentWish } from './agent-calls.ts';
import { findEnrolled, serverOf } from './enrolled-agent.ts';
import { agentKeyFile, filePlace, type IdentityPlace, placeOf, vaultPlace } from './identity-place.ts';
import { fingerprintText, pinServer } from './pin-server.ts';
import type { ServerAddress } from './server-address.ts';
import { certificateFile } from './trust-variables.ts';

export interface EnrollHere extends EnrollmentWish {
  readonly server: ServerAddress;
  readonly fingerprint?: string | undefined;
  readonly vault?: VaultKind | undefined;
  readonly note: (line: string) => void;
}

/** An agent that asked to be let in, and where its poll token is and its key will be. */
export interface WaitingAgent {
  readonly enrolled: EnrolledAgent;
  readonly place: IdentityPlace;
}

/**
 * Asks a gateway elsewhere to let an agent of this machine in, or gives the question that still waits there. The server is
 * pinned and the place of the key is found before anything is asked; the poll token rests there until the key does.
 * ALREADY_EXISTS, SERVER_UNTRUSTED, what the server refuses with, and what the vault fails with.
 */
export async function enrollHere(app: App, wish: EnrollHere): Promise<WaitingAgent> {
  const earlier = findEnrolled(app, wish.name);
  if (earlier?.enrollmentId && earlier.serverUrl === wish.server.url)
    return { enrolled: earlier, place: placeOf(app, earlier) };
  assertFree(app, wish.name, earlier);
  if (wish.providers.length === 0) throw nothingWanted();
  const pinned = await pinServer(wish.server, wish.fingerprint, wish.note);
  const place = await newPlace(app, wish);
  const { name, providers, models, reason } = wish;
  const server = { ...wish.server, fingerprint: pinned?.fingerprint ?? null };
  const asked = await askToEnroll(server, { name, providers, models, reason });
  const enrolled: EnrolledAgent = {
    agentId: name,
    serverUrl: server.url,
    fingerprint: server.fingerprint,
    certificate: pinned?.pem ?? null,
    providers,
    keyFile: place.keyFile,
    enrollmentId: asked.id,
    code: asked.code,
    createdAtMs: app.now(),
  };
  await place.set(asked.pollToken, server.url);
  recordEnrolled(app, 'enrollment.asked', enrolled);
  return { enrolled, place };
}

/** Writes the record and what was decided, together. */
export function recordEnrolled(app: App, action: AuditAction, enrolled: EnrolledAgent): void {
  const { database, audit } = app.stores();
  const { agentId, serverUrl, fingerprint, providers } = enrolled;
  const detail = { serverUrl, providers, ...(fingerprint !== null && { fingerprint: fingerprintText(fingerprint) }) };
  database.transaction(() => {
    new EnrolledStore(database).put(enrolled);
    audit.append({ actor: thisPerson(), action, subject: agentId, detail }, app.now());
  });
}

/** Forgets the record, once its key is gone. */
export function forgetEnrolled(app: App, enrolled: EnrolledAgent): void {
  const { database, audit } = app.stores();
  const { agentId, serverUrl } = enrolled;
  rmSync(certificateFile(app, enrolled), { force: true });
  database.transaction(() => {
    new EnrolledStore(database).remove(agentId);
    const row = { actor: thisPerson(), action: 'agent.unenrolled', subject: agentId, detail: { serverUrl } } as const;
    audit.append(row, app.now());
  });
}

/** Where the key of a new agent goes: MOLTBOT_AGENT_KEY_FILE, else the vault, which is chosen now if none was. */
export async function newPlace(app: App, { name, vault, note }: EnrollHere): Promise<IdentityPlace> {
  const path = agentKeyFile(process.env);
  if (path !== undefined) return emptyFile(path);
  const choice = await chooseVault(app, vault);
  // A secret must never rest where nothing points to.
  if (choice.isNew) {
    auditedEdit(app, configEdits(choice, undefined));
    note(choice.why);
  }
  return vaultPlace(choice.vault, name);
}

/** A name that stands for no agent of this machine yet. ALREADY_EXISTS. */
export function assertFree(app: App, name: string, earlier: EnrolledAgent | undefined): void {
  if (earlier) {
    const where = serverOf(earlier).url;
    throw new MoltbotError('ALREADY_EXISTS', `Agent "${name}" is enrolled at ${where} already.`, {
      hint: `End that first: moltbot unenroll ${name}`,
    });
  }
  if (!app.storesForReading()?.agents.has(name)) return;
  throw new MoltbotError('ALREADY_EXISTS', `There is an agent "${name}" on this machine already.`, {
    hint: 'Enrol under another name: --name <name>',
  });
}

/** Another agent's key may be in it. */
async function emptyFile(path: string): Promise<IdentityPlace> {
  const place = filePlace(path);
  if (!(await place.get())) return place;
  throw new MoltbotError('ALREADY_EXISTS', `${printable(path)}, which MOLTBOT_AGENT_KEY_FILE names, is not empty.`, {
    hint: 'Name another file, or move it away if nothing needs it.',
  });
}

function nothingWanted(): MoltbotError {
  return new MoltbotError('USAGE', 'An agent asks for the providers it wants to use.', {
    hint: 'Name each, for example: --can anthropic --can openai',
  });
}
