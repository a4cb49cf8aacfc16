import type { Actor } from '../audit/actor.ts';
import type { Database } from '../database/database.ts';
import type { VaultKey } from '../vault/vault.ts';
import type { Profile } from './profile-store.ts';

/**
 * What is about to happen to the vault item of an existing profile, written down before it happens, so that a crash can
 * be finished or undone: a replacement carries the record to be and who wants it, a rename its new id, `forget` an item
 * whose profile has already moved. No secret is in it.
 */
export type Intent =
  | { readonly kind: 'replace'; readonly record: Profile; readonly by?: Actor }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'forget' };

const PREFIX = 'credential_intent:';

/** Intents live in `meta`, at most one per profile. */
export class Intents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(agentId: string, profileId: string): Intent | undefined {
    const row = this.#database.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', name(agentId, profileId));
    return row && (JSON.parse(row.value) as Intent);
  }

  put(agentId: string, profileId: string, intent: Intent): void {
    this.#database.run(
      'INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)',
      name(agentId, profileId),
      JSON.stringify(intent),
    );
  }

  delete(agentId: string, profileId: string): void {
    this.#database.run('DELETE FROM meta WHERE key = ?', name(agentId, profileId));
  }

  /** The profiles that have one. */
  keys(): VaultKey[] {
    return this.#database
      .all<{ key: string }>("SELECT key FROM meta WHERE key LIKE 'credential_intent:%' ORDER BY key")
      .map(({ key }) => {
        const [agentId, profileId] = key.slice(PREFIX.length).split('/', 2) as [string, string];
        return { agentId, profileId };
      });
  }
}

function name(agentId: string, profileId: string): string {
  return `${PREFIX}${agentId}/${profileId}`;
}
