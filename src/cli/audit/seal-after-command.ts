import type { App } from '../../app.ts';
import { hasUnsealed, sealAll } from '../../audit/seal.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { readRunningGateway } from '../../gateway/gateway-file.ts';

/**
 * Seals what a command has written into the audit. Only where it opened the state for changes, where the vault opens
 * without asking anybody, and where no gateway runs, which does it in a moment. A command never fails because of this:
 * rows that stay unsealed are sealed by the next process that has the key.
 */
export async function sealAfterCommand(app: App): Promise<void> {
  const database = app.openedStores()?.database;
  if (!database) return;
  try {
    if (!hasUnsealed(database) || readRunningGateway(app.paths) || !(await opensUnasked(app))) return;
    sealAll(database, await app.auditKey().readOrMake());
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
  }
}

async function opensUnasked(app: App): Promise<boolean> {
  if (app.config().config.vault === undefined) return false;
  return (await app.vault().condition()).condition === 'ready';
}
