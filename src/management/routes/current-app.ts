import type { App } from '../../app.ts';
import { effectiveEnvironment } from '../../config/environment.ts';
import type { Management } from '../management.ts';

/**
 * The app as it would be opened now: the gateway's own keeps the configuration it was started with, and a status tells of
 * the one in the file. The state is read over the connection of this listener.
 */
export function currentApp({ app, config, providers, stores }: Management): App {
  const loaded = config();
  const known = providers();
  return {
    ...app,
    env: effectiveEnvironment(loaded.config, app.processEnv),
    config: () => loaded,
    providers: () => known,
    storesForReading: () => stores,
  };
}
