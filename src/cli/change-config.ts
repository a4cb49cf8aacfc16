import { editedKeys } from '../config/agent-edits.ts';
import type { ConfigEdit } from '../config/apply-edits.ts';
import { type EditResult, editConfig } from '../config/edit.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Paths } from '../config/paths.ts';
import { printable } from '../core/text.ts';
import { gatewayHost } from '../gateway/gateway-file.ts';

/** What a command that changed the config tells, as text and under `--json`. */
export interface ConfigChangeReport {
  readonly changed: boolean;
  readonly configPath: string;
  readonly keys: readonly string[];
  readonly agentId?: string;
  readonly gatewayHost: string;
}

/**
 * Makes the edits against the config the command has read (CONFIG_CHANGED when another writer was faster) and says
 * which keys of which file on which host changed.
 */
export function changeConfig(
  app: { readonly paths: Paths; config(): LoadedConfig },
  edits: readonly ConfigEdit[],
  agentId?: string,
): { report: ConfigChangeReport; text: string } {
  const { digest } = app.config();
  const result: Pick<EditResult, 'changed'> =
    edits.length === 0 ? { changed: false } : editConfig(app.paths, edits, { expectedDigest: digest });
  const report = {
    changed: result.changed,
    configPath: app.paths.configFile,
    keys: editedKeys(edits),
    ...(agentId !== undefined && { agentId }),
    gatewayHost: gatewayHost().host,
  };
  return { report, text: sentence(report) };
}

function sentence({ changed, configPath, keys, agentId, gatewayHost: host }: ConfigChangeReport): string {
  const where = `${agentId === undefined ? '' : `agent ${agentId}, `}gateway host ${host}`;
  const file = printable(configPath);
  if (!changed) return `Nothing to change in ${file} (${where}).`;
  return `Changed ${keys.join(', ')} in ${file} (${where}).`;
}
