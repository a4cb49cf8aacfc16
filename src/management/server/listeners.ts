import type { RequestListener, Server } from 'node:http';
import type { GatewayConfig } from '../../config/schema.ts';
import { createListener } from '../../gateway/listener.ts';

/** A request is small, and so is the time to send it. */
const REQUEST_MS = 30_000;
/** For answers under way when the gateway stops. */
const LAST_ANSWERS_MS = 1_000;

/** The servers of the management API: opened one by one, closed together. */
export class Listeners {
  readonly #servers: Server[] = [];
  isStopping = false;

  /** A server with the limits of this product. It does not listen yet. */
  add(handler: RequestListener, tls: GatewayConfig['tls']): Server {
    const server = createListener(handler, tls, REQUEST_MS);
    this.#servers.push(server);
    return server;
  }

  /** Takes nothing new; answers under way get a moment. */
  async close(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.#servers.filter((server) => server.listening).map(closeServer));
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearTimeout(patience);
}
