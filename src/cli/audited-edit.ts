import type { App } from '../app.ts';
import { thisPerson } from '../audit/actor.ts';
import { applyEdits, type ConfigEdit } from '../config/apply-edits.ts';
import { type EditOptions, type EditResult, rewriteConfig } from '../config/edit.ts';
import { hotChanges } from '../config/hot-changes.ts';
import { configFromText, readConfigText } from '../config/load.ts';
import { isMoltbotError } from '../core/errors.ts';

/** What a change of the config needs of the app. */
export type EditingApp = Pick<App, 'paths' | 'stores' | 'now'>;

type Options = Omit<EditOptions, 'beforeReplace' | 'nowMs'>;

/** `editConfig`, written into the audit: which keys a person changed, never to what. Fails also as the audit fails. */
export function auditedEdit(app: EditingApp, edits: readonly ConfigEdit[], options: Options = {}): EditResult {
  return auditedRewrite(app, (text) => applyEdits(text, edits), options);
}

/** `rewriteConfig`, written into the audit. The row goes first, so that no change is there without one. */
export function auditedRewrite(app: EditingApp, change: (text: string) => string, options: Options = {}): EditResult {
  assertOurs(app.paths.configFile);
  const { database, audit } = app.stores();
  const nowMs = app.now();
  return database.transaction(() =>
    rewriteConfig(app.paths, change, {
      ...options,
      nowMs,
      beforeReplace: (before, after) => {
        const { changed: keys } = hotChanges(before?.raw ?? {}, after.raw);
        const subject = app.paths.configFile;
        audit.append({ actor: thisPerson(), action: 'config.changed', subject, detail: { keys } }, nowMs);
      },
    }),
  );
}

/** Nothing of ours is put beside a config that belongs to another product. A broken one may be about to be mended. */
function assertOurs(configFile: string): void {
  try {
    configFromText(configFile, readConfigText(configFile), process.env);
  } catch (error) {
    if (!isMoltbotError(error, 'CONFIG_INVALID')) throw error;
  }
}
