import { hotChanges } from '../config/hot-changes.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Paths } from '../config/paths.ts';
import { readRunningGateway } from '../gateway/gateway-file.ts';

/** What to type for a change that the running gateway cannot take over; undefined when there is nothing to do. */
export function restartNote(paths: Paths, before: LoadedConfig, after: LoadedConfig): string | undefined {
  const { needsRestart } = hotChanges(before.raw, after.raw);
  if (needsRestart.length === 0 || !readRunningGateway(paths)) return undefined;
  return 'The running gateway goes on without this until: moltbot gateway restart';
}
