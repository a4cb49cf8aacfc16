import { AgentStore } from '../agents/agent-store.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { grantedId } from '../core/ids.ts';
import { withProcessLock } from '../core/process-lock.ts';
import type { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { Database } from '../database/database.ts';
import type { CredentialType } from '../providers/provider.ts';
import type { Vault } from '../vault/vault.ts';
import { assertRenamable } from './assert-renamable.ts';
import { GrantStore } from './grant-store.ts';
import { Intents } from './intents.ts';
import { type Profile, ProfileStore } from './profile-store.ts';
import { recordOf } from './record-of.ts';
import {
  belongsTo,
  type CredentialHomes,
  finishNew,
  finishReplacement,
  type Settlement,
  settleCredential,
} from './settle-credential.ts';

/** A credential to be stored, already tested by whoever asks for it. */
export interface NewCredential {
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  readonly type: CredentialType;
  readonly secret: Secret;
  /** The only origin the secret may be sent to: `originOf(baseUrl ?? provider.defaultBaseUrl)`. */
  readonly origin: string;
  /** Null: the provider's own. */
  readonly baseUrl: string | null;
  readonly expiresAtMs: number | null;
  readonly expiryAssumed: boolean;
}

export type CredentialReading =
  | { readonly status: 'ok'; readonly secret: Secret; readonly origin: string; readonly profile: Profile }
  /** No such profile, or its secret is not in the vault. */
  | { readonly status: 'missing' }
  /** The profile now points somewhere else than where its secret was stored for: it has to be entered again. */
  | { readonly status: 'origin_changed'; readonly storedFor: string };

/** What the start-up check found and did; `waiting` is what it could not look at because the vault did not open. */
export interface Repair {
  readonly agentId: string;
  readonly profileId: string;
  readonly did: Settlement | 'waiting';
  /** Why it waits. */
  readonly because?: string;
}

/**
 * Records in the database and secrets in the vault, kept in step. Every change is announced in the database, made in the
 * vault and confirmed in the database; a crash in between is finished or undone by `repair()`, and until then shows
 * nothing half-done. Changes of all processes are made one after the other, and each is written to the audit, as made by
 * `actor`, in the transaction that makes it count.
 */
export class Credentials {
  readonly #homes: CredentialHomes;
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #profiles: ProfileStore;
  readonly #intents: Intents;
  readonly #audit: AuditLog;

  constructor({ database, vault, actor, now = Date.now }: Omit<CredentialHomes, 'now'> & { now?: Clock }) {
    this.#homes = { database, vault, actor, now };
    this.#database = database;
    this.#vault = vault;
    this.#profiles = new ProfileStore(database);
    this.#intents = new Intents(database);
    this.#audit = new AuditLog(database);
  }

  /**
   * Stores a credential. An earlier one of that profile stays whole until the new secret is in the vault; its health is
   * cleared by the new one. Creates the agent if it is its first. Fails as the vault fails; then nothing has changed.
   */
  save(credential: NewCredential, nowMs: number): Promise<{ profile: Profile; replaced: boolean }> {
    const { agentId, profileId, secret, origin } = credential;
    return this.#oneAtATime(async () => {
      await this.#settle(agentId, profileId);
      const earlier = this.#profiles.get(agentId, profileId);
      const record = recordOf(this.#database, credential, earlier, nowMs);
      this.#announce(record, earlier !== undefined);
      await this.#storeSecret(record, { secret, origin });
      this.#confirm(record);
      return { profile: this.#profiles.get(agentId, profileId) ?? record, replaced: earlier !== undefined };
    });
  }

  /**
   * The secret of an active profile. `wantedOrigin` is where it is about to be sent (the config may have moved the
   * provider since). Fails with VAULT_LOCKED, VAULT_UNAVAILABLE or VAULT_DAMAGED.
   */
  async read(agentId: string, profileId: string, wantedOrigin?: string): Promise<CredentialReading> {
    if (!this.#profiles.get(agentId, profileId)) return { status: 'missing' };
    const item = await this.#vault.get({ agentId, profileId });
    if (!item) return this.#missing(agentId, profileId);
    // The new secret is in, its record is not: another process is between two steps, or died there.
    const intent = this.#intents.get(agentId, profileId);
    if (intent?.kind === 'replace' && belongsTo(this.#database, intent.record, item))
      finishReplacement(this.#homes, agentId, profileId);
    const profile = this.#profiles.get(agentId, profileId);
    if (!profile) return { status: 'missing' };
    if (item.origin !== profile.origin || (wantedOrigin !== undefined && wantedOrigin !== item.origin))
      return { status: 'origin_changed', storedFor: item.origin };
    return { status: 'ok', secret: item.secret, origin: item.origin, profile };
  }

  /** A file with nothing in it, where a secret was put, is not a vault that is open: it is gone, or another one. */
  async #missing(agentId: string, profileId: string): Promise<CredentialReading> {
    const isStored = this.#profiles.get(agentId, profileId) && !this.#intents.get(agentId, profileId);
    const isGone = isStored && this.#vault.kind === 'file' && (await this.#vault.keys()).length === 0;
    if (!isGone) return { status: 'missing' };
    throw new MoltbotError('VAULT_UNAVAILABLE', 'The vault is gone or empty, although credentials were stored in it.', {
      hint: 'Bring it back, or see which vault it is: moltbot doctor. Without it the credentials have to be entered again.',
    });
  }

  /**
   * Takes a credential away: the profile is unusable at once, then the secret goes, then the record. When the vault does
   * not open, the profile stays out of use, the error is thrown, and a later `remove` or `repair` deletes the secret.
   * False when there is none.
   */
  remove(agentId: string, profileId: string): Promise<boolean> {
    return this.#oneAtATime(async () => {
      const profile = this.#profiles.find(agentId, profileId);
      if (!profile) return false;
      if (profile.state !== 'removing') this.#announceRemoval(profile);
      await this.#settle(agentId, profileId);
      return true;
    });
  }

  /** Gives a profile another id, with its health, sessions and pinned tokens. PROFILE_NOT_FOUND, ALREADY_EXISTS. */
  rename(agentId: string, profileId: string, newId: string): Promise<void> {
    return this.#oneAtATime(async () => {
      await this.#settle(agentId, profileId);
      await this.#settle(agentId, newId);
      assertRenamable(this.#profiles, agentId, profileId, newId);
      const item = await this.#vault.get({ agentId, profileId });
      if (!item) throw noCredentials(profileId);
      this.#intents.put(agentId, profileId, { kind: 'rename', to: newId });
      await this.#vault.set({ agentId, profileId: newId }, item);
      this.#database.transaction(() => {
        this.#profiles.rename(agentId, profileId, newId);
        this.#intents.put(agentId, profileId, { kind: 'forget' });
        const { actor, now } = this.#homes;
        const subject = grantedId(agentId, profileId);
        this.#audit.append({ actor, action: 'credential.renamed', subject, detail: { to: newId } }, now());
      });
      await this.#settle(agentId, profileId);
    });
  }

  /** What a crash has left, without touching the vault: for `doctor`. */
  unfinished(): { agentId: string; profileId: string }[] {
    const keys = [...this.#profiles.unfinished(), ...this.#intents.keys()];
    const byName = new Map(keys.map(({ agentId, profileId }) => [`${agentId}/${profileId}`, { agentId, profileId }]));
    return [...byName.values()];
  }

  /** The start-up check: finishes or undoes what a crash left, and says what. Never fails because of the vault. */
  async repair(): Promise<Repair[]> {
    if (this.unfinished().length === 0) return [];
    return this.#oneAtATime(async () => {
      const repairs: Repair[] = [];
      for (const { agentId, profileId } of this.unfinished()) {
        const repair = await this.#repairOne(agentId, profileId);
        if (repair) repairs.push(repair);
      }
      return repairs;
    });
  }

  async #repairOne(agentId: string, profileId: string): Promise<Repair | undefined> {
    try {
      const did = await this.#settle(agentId, profileId);
      return did && { agentId, profileId, did };
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      return { agentId, profileId, did: 'waiting', because: error.message };
    }
  }

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    return withProcessLock(`${this.#database.path}.credentials-lock`, work);
  }

  #settle(agentId: string, profileId: string): Promise<Settlement | undefined> {
    return settleCredential(this.#homes, agentId, profileId);
  }

  #announce(record: Profile, replaces: boolean): void {
    const { actor, now } = this.#homes;
    const { agentId, profileId } = record;
    this.#database.transaction(() => {
      if (new AgentStore(this.#database).add(agentId, record.createdAtMs))
        this.#audit.append({ actor, action: 'agent.added', subject: agentId, detail: { for: profileId } }, now());
      if (replaces) this.#intents.put(agentId, profileId, { kind: 'replace', record, by: actor });
      else this.#profiles.put(record);
    });
  }

  /** From here on nothing is served with it, whatever the vault says: so this is what the audit tells. */
  #announceRemoval({ agentId, profileId, label }: Profile): void {
    const { actor, now } = this.#homes;
    const subject = grantedId(agentId, profileId);
    this.#database.transaction(() => {
      const grantsEnded = new GrantStore(this.#database).ofProfile(agentId, profileId).map((grant) => grant.agentId);
      this.#profiles.setState(agentId, profileId, 'removing');
      this.#audit.append({ actor, action: 'credential.removed', subject, detail: { label, grantsEnded } }, now());
    });
  }

  /** A call that failed may still have stored it (a keychain that answers late), so the vault is asked once more. */
  async #storeSecret(record: Profile, item: { secret: Secret; origin: string }): Promise<void> {
    try {
      await this.#vault.set(record, item);
    } catch (error) {
      const { did } = (await this.#repairOne(record.agentId, record.profileId)) ?? { did: undefined };
      if (did !== 'new credential kept' && did !== 'replacement finished') throw error;
    }
  }

  #confirm(record: Profile): void {
    if (record.state === 'pending') finishNew(this.#homes, record);
    else finishReplacement(this.#homes, record.agentId, record.profileId);
  }
}

function noCredentials(profileId: string): MoltbotError {
  return new MoltbotError('NO_CREDENTIALS', `No credentials found for profile "${profileId}".`, {
    hint: 'See which profile is active (moltbot models status), then paste the credential again.',
  });
}
