import type { By } from '../agents/change-agents.ts';
import { editedKeys } from '../config/agent-edits.ts';
import type { ConfigEdit } from '../config/apply-edits.ts';
import { editConfig } from '../config/edit.ts';
import type { LoadedConfig } from '../config/load.ts';
import { isMoltbotError } from '../core/errors.ts';
import type { Management } from './management.ts';

/** How often it starts over when other writers are faster. */
const ATTEMPTS = 10;

/**
 * Decides on edits of the configuration by what the file says and makes them; when another writer was faster, decides
 * anew on what that one left. The running gateway takes them over within a second. Fails as `editConfig`.
 */
export function changeConfigFile(
  management: Management,
  decide: (loaded: LoadedConfig) => readonly ConfigEdit[],
  by: By,
): void {
  for (let attempt = 1; ; attempt++) {
    const loaded = management.config();
    const edits = decide(loaded);
    if (edits.length === 0) return;
    try {
      editAndSay(management, edits, loaded.digest, by);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !isMoltbotError(error, 'CONFIG_CHANGED')) throw error;
    }
  }
}

/** The row of the audit goes first, so that no change is there without one. */
function editAndSay(
  { app, stores }: Management,
  edits: readonly ConfigEdit[],
  expectedDigest: string,
  { actor, nowMs }: By,
): void {
  const subject = app.paths.configFile;
  const detail = { keys: editedKeys(edits) };
  stores.database.transaction(() =>
    editConfig(app.paths, edits, {
      expectedDigest,
      nowMs,
      beforeReplace: () => stores.audit.append({ actor, action: 'config.changed', subject, detail }, nowMs),
    }),
  );
}
