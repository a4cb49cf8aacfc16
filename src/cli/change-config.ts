import { editedKeys } from '../config/agent-edits.ts';
import type { ConfigEdit } from '../config/apply-edits.ts';
import type { EditResult } from '../config/edit.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { isMoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { gatewayHost } from '../gateway/gateway-file.ts';
import { auditedEdit, type EditingApp } from './audited-edit.ts';
import { restartNote } from './restart-note.ts';

/** What a command that changed the config tells, as text and under `--json`. */
export interface ConfigChangeReport {
  readonly changed: boolean;
  readonly configPath: string;
  readonly keys: readonly string[];
  readonly agentId?: string;
  readonly gatewayHost: string;
}

/** How often a command starts over when other writers are faster. */
const ATTEMPTS = 10;

/**
 * Decides on edits by what the config says and makes them; when another writer was faster, decides anew on what that
 * one left, so that neither change is lost. Says which keys of which file on which host changed.
 */
export function changeConfig(
  app: EditingApp & { config(): LoadedConfig },
  decide: (loaded: LoadedConfig) => readonly ConfigEdit[],
  agentId?: string,
): { report: ConfigChangeReport; text: string; loaded: LoadedConfig } {
  const { edits, result } = decideAndEdit(app, decide);
  const report = {
    changed: result.changed,
    configPath: app.paths.configFile,
    keys: editedKeys(edits),
    ...(agentId !== undefined && { agentId }),
    gatewayHost: gatewayHost().host,
  };
  const note = result.changed ? restartNote(app.paths, app.config(), result.loaded) : undefined;
  return { report, text: [sentence(report), ...(note ? [note] : [])].join('\n'), loaded: result.loaded };
}

function decideAndEdit(
  app: EditingApp & { config(): LoadedConfig },
  decide: (loaded: LoadedConfig) => readonly ConfigEdit[],
): { edits: readonly ConfigEdit[]; result: EditResult } {
  let loaded = app.config();
  for (let attempt = 1; ; attempt++) {
    const edits = decide(loaded);
    if (edits.length === 0) return { edits, result: { changed: false, loaded } };
    try {
      return { edits, result: auditedEdit(app, edits, { expectedDigest: loaded.digest }) };
    } catch (error) {
      if (attempt === ATTEMPTS || !isMoltbotError(error, 'CONFIG_CHANGED')) throw error;
      loaded = loadConfig(app.paths.configFile, process.env);
    }
  }
}

function sentence({ changed, configPath, keys, agentId, gatewayHost: host }: ConfigChangeReport): string {
  const where = `${agentId === undefined ? '' : `agent ${agentId}, `}gateway host ${host}`;
  const file = printable(configPath);
  if (!changed) return `Nothing to change in ${file} (${where}).`;
  return `Changed ${keys.join(', ')} in ${file} (${where}).`;
}
