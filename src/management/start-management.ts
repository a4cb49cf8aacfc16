import type { Server } from 'node:http';
import type { Config } from '../config/schema.ts';
import { sharedSocketPath } from '../config/socket-path.ts';
import type { ListenerIdentity } from '../gateway/headers/hygiene.ts';
import { keepCertificate } from '../gateway/keep-certificate.ts';
import { createListener, listen } from '../gateway/listener.ts';
import { listeningUrl } from '../gateway/listening-url.ts';
import { type BesideGateway, createManagement } from './create-management.ts';
import type { Management } from './management.ts';
import { ROUTES } from './routes.ts';
import { listenOnSocket } from './server/listen-on-socket.ts';
import { createRequestHandler } from './server/request-handler.ts';
import { createRouter } from './server/router.ts';

/** A request is small, and so is the time to send it. */
const REQUEST_MS = 30_000;
/** How often counts of refusals are looked at. */
const COUNT_EVERY_MS = 1_000;
/** For answers under way when the gateway stops. */
const LAST_ANSWERS_MS = 1_000;

export interface RunningManagement {
  readonly socket: string;
  /** `http://127.0.0.1:8402`; undefined where it is served on the socket only. */
  readonly url: string | undefined;
  stop(): Promise<void>;
}

/**
 * Opens the management listeners: the socket always, TCP where the configuration says so. None of them serves the proxy.
 * Fails with PORT_TAKEN, NOT_PERMITTED, CONFIG_INVALID and what the state database fails with, leaving none open.
 */
export async function startManagement(beside: BesideGateway): Promise<RunningManagement> {
  const { app } = beside;
  const { management: settings, gateway } = app.config().config;
  const state = { isStopping: false };
  const management = createManagement(beside, () => state.isStopping);
  const router = createRouter(management, ROUTES);
  const servers: Server[] = [];
  const counting = setInterval(() => management.refusals.flush(), COUNT_EVERY_MS).unref();
  const socket = settings.socketGroup
    ? sharedSocketPath(app.paths.stateDir, app.processEnv)
    : app.paths.managementSocket;
  try {
    const local = createListener(createRequestHandler(management, router, ON_SOCKET), undefined, REQUEST_MS);
    servers.push(local);
    await listenOnSocket(local, socket, settings.socketGroup);
    const url = settings.http && (await listenOverTcp(management, settings.http, gateway.tls, servers, router));
    return { socket, url, stop: () => finish(management, servers, state, counting) };
  } catch (error) {
    await finish(management, servers, state, counting);
    throw error;
  }
}

/** No page can reach a socket, so its only names are those that clients send when they have no other. */
const ON_SOCKET = {
  via: 'socket',
  identity: (): ListenerIdentity => ({
    port: 80,
    isTls: false,
    allowedHosts: new Set(),
    setting: 'the name localhost',
  }),
} as const;

async function listenOverTcp(
  management: Management,
  { host, port, allowedHosts }: NonNullable<Config['management']['http']>,
  tls: Config['gateway']['tls'],
  servers: Server[],
  router: ReturnType<typeof createRouter>,
): Promise<string> {
  const identity = {
    port,
    isTls: tls !== undefined,
    allowedHosts: new Set(allowedHosts.map((name) => name.toLowerCase())),
    setting: 'management.http.allowedHosts',
  };
  const handler = createRequestHandler(management, router, { via: 'tcp', identity: () => identity });
  const server = createListener(handler, tls, REQUEST_MS);
  if (tls) keepCertificate(server, tls, management.log);
  servers.push(server);
  identity.port = await listen(server, host, port, 'management.http.port');
  return listeningUrl(host, identity.port, tls !== undefined);
}

async function finish(
  { refusals }: Management,
  servers: readonly Server[],
  state: { isStopping: boolean },
  counting: NodeJS.Timeout,
): Promise<void> {
  state.isStopping = true;
  await Promise.all(servers.filter((server) => server.listening).map(close));
  clearInterval(counting);
  refusals.finish();
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearTimeout(patience);
}
