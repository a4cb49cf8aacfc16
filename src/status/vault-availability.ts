import type { App } from '../app.ts';

/** A status must not wait for a keychain that hangs. */
const LIMIT_MS = 300;

/** Whether the configured vault says that it is open; nothing is read from it and nobody is asked. */
export async function isVaultAvailable(app: App): Promise<boolean> {
  if (app.config().config.vault === undefined) return false;
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), LIMIT_MS).unref());
  const answer = await Promise.race([app.vault().condition(), late]);
  return answer?.condition === 'ready';
}
