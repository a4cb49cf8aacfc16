import type { RequestListener } from 'node:http';
import type { ManagementConfig } from '../config/schema.ts';
import { sharedSocketPath } from '../config/socket-path.ts';
import { keepCertificate } from '../gateway/keep-certificate.ts';
import { listen } from '../gateway/listener.ts';
import { listeningUrl } from '../gateway/listening-url.ts';
import { type BesideGateway, createManagement } from './create-management.ts';
import { ROUTES } from './routes.ts';
import { listenOnSocket } from './server/listen-on-socket.ts';
import { Listeners } from './server/listeners.ts';
import { createRequestHandler, type Entrance } from './server/request-handler.ts';
import { createRouter } from './server/router.ts';

/** How often counts of refusals are looked at. */
const COUNT_EVERY_MS = 1_000;

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
  const settings = app.config().config.management;
  const listeners = new Listeners();
  const management = createManagement(beside, () => listeners.isStopping);
  const router = createRouter(management, ROUTES);
  const handlerAt = (entrance: Entrance) => createRequestHandler(management, router, entrance);
  const counting = setInterval(() => management.refusals.flush(), COUNT_EVERY_MS).unref();
  const stop = async () => {
    await listeners.close();
    clearInterval(counting);
    management.refusals.finish();
  };
  const socket = settings.socketGroup
    ? sharedSocketPath(app.paths.stateDir, app.processEnv)
    : app.paths.managementSocket;
  try {
    await listenOnSocket(listeners.add(handlerAt(ON_SOCKET), undefined), socket, settings.socketGroup);
    const url = settings.http && (await listenOverTcp(beside, settings.http, listeners, handlerAt));
    return { socket, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** No page can reach a socket, so its only names are those that clients send when they have no other. */
const ON_SOCKET: Entrance = {
  via: 'socket',
  identity: () => ({ port: 80, isTls: false, allowedHosts: new Set(), setting: 'the name localhost' }),
};

async function listenOverTcp(
  { app, log }: BesideGateway,
  { host, port, allowedHosts }: NonNullable<ManagementConfig['http']>,
  listeners: Listeners,
  handlerAt: (entrance: Entrance) => RequestListener,
): Promise<string> {
  const { tls } = app.config().config.gateway;
  const identity = {
    port,
    isTls: tls !== undefined,
    allowedHosts: new Set(allowedHosts.map((name) => name.toLowerCase())),
    setting: 'management.http.allowedHosts',
  };
  const server = listeners.add(handlerAt({ via: 'tcp', identity: () => identity }), tls);
  if (tls) keepCertificate(server, tls, log);
  identity.port = await listen(server, host, port, 'management.http.port');
  return listeningUrl(host, identity.port, identity.isTls);
}
