import type { AlertStore } from '../../alerts/alert-store.ts';
import { Alerts } from '../../alerts/alerts.ts';
import { effectiveEnvironment } from '../../config/environment.ts';
import type { GatewayDependencies } from '../gateway-dependencies.ts';
import { gatewayHost } from '../gateway-file.ts';

interface AlertsIn {
  readonly store: AlertStore;
  /** Runs a write now, or again soon when the database is busy. */
  readonly persist: (write: () => void) => void;
  readonly gatewayUrl: () => string | null;
}

/** The alerts of a gateway, set up as its configuration was when it started: only a restart changes where they go. */
export function alertsOf({ app, log }: GatewayDependencies, { store, persist, gatewayUrl }: AlertsIn): Alerts {
  const { config } = app.config();
  return new Alerts({
    config: config.alerts,
    env: effectiveEnvironment(config, app.processEnv),
    upstream: app.upstream(),
    log,
    now: app.now,
    host: gatewayHost().host,
    gatewayUrl,
    keep: (message) => persist(() => store.add(message)),
  });
}
