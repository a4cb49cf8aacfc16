import type { App } from '../../app.ts';

/**
 * Deletes our items from the keychain and gives their number. Only the keychain has to be asked: the file vault goes with
 * its file. Fails as the vault fails, and then the records still say which secrets there are.
 */
export async function emptyKeychain(app: App): Promise<number> {
  if (app.config().config.vault?.kind !== 'keychain') return 0;
  const keys = await app.vault().keys();
  for (const key of keys) await app.vault().delete(key);
  return keys.length;
}
