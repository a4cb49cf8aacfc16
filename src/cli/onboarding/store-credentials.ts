import type { App } from '../../app.ts';
import { thisPerson } from '../../audit/actor.ts';
import type { ConfigEdit } from '../../config/apply-edits.ts';
import { Credentials } from '../../profiles/credentials.ts';
import { noteTest } from '../../profiles/note-test.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { TestCallResult } from '../../profiles/test-call.ts';
import type { Vault } from '../../vault/vault.ts';
import { auditedEdit } from '../audited-edit.ts';
import type { PreparedCredential } from './prepare-credential.ts';
import type { VaultChoice } from './vault-choice.ts';

export interface StoredCredential {
  readonly profile: Profile;
  readonly replaced: boolean;
  readonly test: TestCallResult | null;
}

/**
 * Writes everything, once, at the end: first the config (the vault that was chosen, the default model), because a secret
 * must never rest where nothing points to, then each credential, then what its test said about its state.
 */
export async function storeCredentials(
  app: App,
  prepared: readonly PreparedCredential[],
  settings: { readonly vault: VaultChoice; readonly defaultModel?: string | undefined },
): Promise<StoredCredential[]> {
  const edits = configEdits(settings.vault, settings.defaultModel);
  if (edits.length > 0) auditedEdit(app, edits);
  const stored: StoredCredential[] = [];
  for (const credential of prepared) stored.push(await storeOne(app, settings.vault.vault, credential));
  return stored;
}

export function configEdits(vault: VaultChoice, defaultModel: string | undefined): ConfigEdit[] {
  const edits: ConfigEdit[] = [];
  if (vault.isNew) edits.push({ path: ['vault', 'kind'], value: vault.kind });
  if (defaultModel) edits.push({ path: ['agents', 'defaults', 'model', 'primary'], value: defaultModel });
  return edits;
}

async function storeOne(app: App, vault: Vault, credential: PreparedCredential): Promise<StoredCredential> {
  const { place, test, secret, origin, baseUrl, expiresAtMs, expiryAssumed } = credential;
  const { agentId, profileId, type } = place;
  const provider = place.provider.id;
  const stores = app.stores();
  const actor = thisPerson();
  const credentials = new Credentials({ database: stores.database, vault, actor, now: app.now });
  const { profile, replaced } = await credentials.save(
    { agentId, profileId, provider, type, secret, origin, baseUrl, expiresAtMs, expiryAssumed },
    app.now(),
  );
  const config = app.config().config.auth.cooldowns;
  if (test) noteTest(stores, profile, test, { config, by: { actor, nowMs: app.now() } });
  return { profile, replaced, test };
}
