import type { Actor } from '../audit/actor.ts';
import { type AuditAction, AuditLog } from '../audit/audit-log.ts';
import { grantedId, MAIN_AGENT } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import type { Vault, VaultItem } from '../vault/vault.ts';
import { fingerprintOf } from './fingerprint.ts';
import { HealthStore } from './health-store.ts';
import { Intents } from './intents.ts';
import { type Profile, ProfileStore } from './profile-store.ts';

/** What the start-up check did with a profile that a crash had left half-way. */
export type Settlement =
  | 'new credential kept'
  | 'new credential undone'
  | 'replacement finished'
  | 'replacement undone'
  | 'removal finished'
  | 'rename finished'
  | 'rename undone';

/** Where records and secrets are kept, and who changes them. */
export interface CredentialHomes {
  readonly database: Database;
  readonly vault: Vault;
  readonly actor: Actor;
  readonly now: Clock;
}

/**
 * Finishes or undoes what was left between record and secret of one profile; undefined when nothing was. The vault
 * decides: where the new secret has arrived the change is finished, else it is undone. Every step may be repeated, so a
 * crash in here does no harm either. Fails as the vault fails, and then has changed nothing.
 */
export async function settleCredential(
  homes: CredentialHomes,
  agentId: string,
  profileId: string,
): Promise<Settlement | undefined> {
  const record = new ProfileStore(homes.database).find(agentId, profileId);
  if (record?.state === 'removing') return finishRemoval(homes, record);
  if (record?.state === 'pending') return settleNew(homes, record);
  const intents = new Intents(homes.database);
  const intent = intents.get(agentId, profileId);
  if (!intent) return undefined;
  if (intent.kind === 'replace') return settleReplacement(homes, intent.record);
  if (intent.kind === 'rename') await dropCopy(homes, agentId, intent.to);
  else await homes.vault.delete({ agentId, profileId });
  intents.delete(agentId, profileId);
  return intent.kind === 'rename' ? 'rename undone' : 'rename finished';
}

/** Deletes the secret, then the record: while the record is there, somebody knows that a secret may be. */
async function finishRemoval(homes: CredentialHomes, record: Profile): Promise<Settlement> {
  await homes.vault.delete(record);
  homes.database.transaction(() => {
    new Intents(homes.database).delete(record.agentId, record.profileId);
    new ProfileStore(homes.database).delete(record.agentId, record.profileId);
  });
  return 'removal finished';
}

async function settleNew(homes: CredentialHomes, record: Profile): Promise<Settlement> {
  if (belongsTo(homes.database, record, await homes.vault.get(record))) {
    finishNew(homes, record);
    return 'new credential kept';
  }
  homes.database.transaction(() => {
    new ProfileStore(homes.database).delete(record.agentId, record.profileId);
    if (dropAgentMadeFor(homes.database, record))
      auditOf(homes).append({ actor: homes.actor, action: 'agent.removed', subject: record.agentId }, homes.now());
  });
  return 'new credential undone';
}

/** The secret has arrived: from now on the profile serves. */
export function finishNew(homes: CredentialHomes, record: Profile): void {
  homes.database.transaction(() => {
    new ProfileStore(homes.database).setState(record.agentId, record.profileId, 'active');
    note(homes, homes.actor, 'credential.stored', record);
  });
}

async function settleReplacement(homes: CredentialHomes, record: Profile): Promise<Settlement> {
  if (belongsTo(homes.database, record, await homes.vault.get(record))) {
    finishReplacement(homes, record.agentId, record.profileId);
    return 'replacement finished';
  }
  new Intents(homes.database).delete(record.agentId, record.profileId);
  return 'replacement undone';
}

/**
 * Puts the announced record in place of the earlier one and clears its health. Whoever sees the new secret in the vault
 * may call it (the writer, a reader, the start-up check): the first one does it, for the others it is already done.
 */
export function finishReplacement(homes: CredentialHomes, agentId: string, profileId: string): void {
  const { database } = homes;
  const profiles = new ProfileStore(database);
  const intents = new Intents(database);
  database.transaction(() => {
    const intent = intents.get(agentId, profileId);
    if (intent?.kind !== 'replace') return;
    const lastUsedAtMs = profiles.find(agentId, profileId)?.lastUsedAtMs ?? null;
    profiles.put({ ...intent.record, lastUsedAtMs });
    new HealthStore(database).clearAll(agentId, profileId);
    intents.delete(agentId, profileId);
    note(homes, intent.by ?? homes.actor, 'credential.replaced', intent.record);
  });
}

function note(homes: CredentialHomes, actor: Actor, action: AuditAction, record: Profile): void {
  const { agentId, profileId, label, origin, generation } = record;
  const subject = grantedId(agentId, profileId);
  auditOf(homes).append({ actor, action, subject, detail: { label, origin, generation } }, homes.now());
}

function auditOf({ database }: CredentialHomes): AuditLog {
  return new AuditLog(database);
}

/** Whether the item in the vault is the one that the record describes. */
export function belongsTo(database: Database, record: Profile, item: VaultItem | undefined): boolean {
  return (
    item !== undefined && item.origin === record.origin && fingerprintOf(database, item.secret) === record.fingerprint
  );
}

/** Deletes the copy that an unfinished rename made, unless the new id has meanwhile become a profile of its own. */
async function dropCopy({ database, vault }: CredentialHomes, agentId: string, profileId: string): Promise<void> {
  if (!new ProfileStore(database).find(agentId, profileId)) await vault.delete({ agentId, profileId });
}

/** An agent exists from its first stored credential on: one that was made for a credential that never came goes again. */
function dropAgentMadeFor(database: Database, record: Profile): boolean {
  const dropped = database.run(
    `DELETE FROM agents WHERE id = ?1 AND id <> ?2 AND created_at_ms = ?3
       AND NOT EXISTS (SELECT 1 FROM profiles WHERE agent_id = ?1)
       AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE agent_id = ?1)
       AND NOT EXISTS (SELECT 1 FROM agent_keys WHERE agent_id = ?1)
       AND NOT EXISTS (SELECT 1 FROM grants WHERE agent_id = ?1)`,
    record.agentId,
    MAIN_AGENT,
    record.createdAtMs,
  );
  return dropped === 1;
}
