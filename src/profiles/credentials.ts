import { AgentStore } from '../agents/agent-store.ts';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { withProcessLock } from '../core/process-lock.ts';
import { maskSecret, type Secret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';
import type { CredentialType } from '../providers/provider.ts';
import type { Vault } from '../vault/vault.ts';
import { fingerprintOf } from './fingerprint.ts';
import { Intents } from './intents.ts';
import { type Profile, ProfileStore } from './profile-store.ts';
import { belongsTo, finishReplacement, type Settlement, settleCredential } from './settle-credential.ts';

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
 * nothing half-done. Changes of all processes are made one after the other.
 */
export class Credentials {
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #profiles: ProfileStore;
  readonly #intents: Intents;

  constructor(homes: { database: Database; vault: Vault }) {
    this.#database = homes.database;
    this.#vault = homes.vault;
    this.#profiles = new ProfileStore(homes.database);
    this.#intents = new Intents(homes.database);
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
      const record = this.#recordOf(credential, earlier, nowMs);
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
    if (!item) return { status: 'missing' };
    // The new secret is in, its record is not: another process is between two steps, or died there.
    const intent = this.#intents.get(agentId, profileId);
    if (intent?.kind === 'replace' && belongsTo(this.#database, intent.record, item))
      finishReplacement(this.#database, agentId, profileId);
    const profile = this.#profiles.get(agentId, profileId);
    if (!profile) return { status: 'missing' };
    if (item.origin !== profile.origin || (wantedOrigin !== undefined && wantedOrigin !== item.origin))
      return { status: 'origin_changed', storedFor: item.origin };
    return { status: 'ok', secret: item.secret, origin: item.origin, profile };
  }

  /**
   * Takes a credential away: the profile is unusable at once, then the secret goes, then the record. When the vault does
   * not open, the profile stays out of use, the error is thrown, and a later `remove` or `repair` deletes the secret.
   * False when there is none.
   */
  remove(agentId: string, profileId: string): Promise<boolean> {
    return this.#oneAtATime(async () => {
      if (!this.#profiles.find(agentId, profileId)) return false;
      this.#profiles.setState(agentId, profileId, 'removing');
      await this.#settle(agentId, profileId);
      return true;
    });
  }

  /** Gives a profile another id, with its health, sessions and pinned tokens. PROFILE_NOT_FOUND, ALREADY_EXISTS. */
  rename(agentId: string, profileId: string, newId: string): Promise<void> {
    return this.#oneAtATime(async () => {
      await this.#settle(agentId, profileId);
      await this.#settle(agentId, newId);
      this.#checkRename(agentId, profileId, newId);
      const item = await this.#vault.get({ agentId, profileId });
      if (!item) throw noCredentials(profileId);
      this.#intents.put(agentId, profileId, { kind: 'rename', to: newId });
      await this.#vault.set({ agentId, profileId: newId }, item);
      this.#database.transaction(() => {
        this.#profiles.rename(agentId, profileId, newId);
        this.#intents.put(agentId, profileId, { kind: 'forget' });
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
    return settleCredential({ database: this.#database, vault: this.#vault }, agentId, profileId);
  }

  #recordOf(credential: NewCredential, earlier: Profile | undefined, nowMs: number): Profile {
    const { secret, ...rest } = credential;
    return {
      ...rest,
      state: earlier ? 'active' : 'pending',
      label: maskSecret(secret),
      fingerprint: fingerprintOf(this.#database, secret),
      generation: (earlier?.generation ?? 0) + 1,
      createdAtMs: earlier?.createdAtMs ?? nowMs,
      replacedAtMs: earlier ? nowMs : null,
      lastUsedAtMs: earlier?.lastUsedAtMs ?? null,
    };
  }

  #announce(record: Profile, replaces: boolean): void {
    this.#database.transaction(() => {
      new AgentStore(this.#database).add(record.agentId, record.createdAtMs);
      if (replaces) this.#intents.put(record.agentId, record.profileId, { kind: 'replace', record });
      else this.#profiles.put(record);
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
    if (record.state === 'pending') this.#profiles.setState(record.agentId, record.profileId, 'active');
    else finishReplacement(this.#database, record.agentId, record.profileId);
  }

  #checkRename(agentId: string, profileId: string, newId: string): void {
    if (!this.#profiles.get(agentId, profileId)) {
      throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${agentId}" has no profile "${profileId}".`, {
        hint: 'See which there are: moltbot models auth list',
      });
    }
    if (this.#profiles.find(agentId, newId)) {
      throw new MoltbotError('ALREADY_EXISTS', `Agent "${agentId}" already has a profile "${newId}".`, {
        hint: `Remove it first: moltbot models auth remove ${newId}`,
      });
    }
  }
}

function noCredentials(profileId: string): MoltbotError {
  return new MoltbotError('NO_CREDENTIALS', `No credentials found for profile "${profileId}".`, {
    hint: 'See which profile is active (moltbot models status), then paste the credential again.',
  });
}
