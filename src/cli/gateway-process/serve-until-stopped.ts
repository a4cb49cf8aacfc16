import type { App } from '../../app.ts';
import type { GatewayRecord } from '../../gateway/gateway-file.ts';
import { type ServeOptions, serveGateway } from './serve.ts';
import { nextSignal } from './signals.ts';

/**
 * Serves in the foreground until SIGTERM, SIGINT or SIGHUP, then drains; a second signal ends the waiting. `onListening`
 * is told where it listens as soon as it does.
 */
export async function serveUntilStopped(
  app: App,
  options: ServeOptions,
  onListening: (record: GatewayRecord) => void,
): Promise<void> {
  const stopped = nextSignal();
  const served = await serveGateway(app, options);
  onListening(served.record);
  await stopped;
  // Whoever asks twice does not want to wait for running answers. Connections are still open, so this is not a return.
  void nextSignal().then(() => process.exit(130));
  await served.stop(app.config().config.gateway.shutdownGraceMs);
}
