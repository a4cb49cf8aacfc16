import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { GatewayConfig } from '../config/schema.ts';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { isClosingAfterBody } from './answer/close-after-body.ts';
import { otherPortHint } from './free-port.ts';
import { readTlsFiles, type TlsSettings } from './tls-files.ts';

/** Clients keep sockets open for a minute and more; Node's own 5 s would reset them under a request. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 15_000;
/** A whole request, body included: 32 MB over a slow line. */
const REQUEST_MS = 600_000;
/** Codex sends a kilobyte of metadata in one header; 64 KiB tokens are somebody's attack. */
const MOST_HEADER_BYTES = 64 * 1024;

/**
 * An HTTP server with the limits of this product. What Node's strict parser refuses (two lengths, bare line feeds,
 * folded headers, bad chunks) is answered 400 and closed, and never becomes a request. With `tls` fails with
 * CONFIG_INVALID where certificate and key cannot be used.
 */
export function createListener(
  handle: RequestListener,
  tls: GatewayConfig['tls'],
  requestMs: number = REQUEST_MS,
): Server {
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: requestMs,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: MOST_HEADER_BYTES,
    insecureHTTPParser: false,
    // We judge the Host header ourselves, and answer in the client's dialect.
    requireHostHeader: false,
    noDelay: true,
  };
  const server = tls ? createTlsServer({ ...options, ...pairOf(tls) }, handle) : createServer(options, handle);
  server.on('clientError', refuseMalformed);
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuse(socket, '405 Method Not Allowed'));
  return server;
}

function pairOf(tls: TlsSettings): { cert: Buffer; key: Buffer } {
  const { cert, key } = readTlsFiles(tls);
  return { cert, key };
}

/** Listens, and gives the port; `key` of the config names it. PORT_TAKEN, NOT_PERMITTED or USAGE for an address not ours. */
export function listen(server: Server, host: string, port: number, key?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => listenError(error, { host, port, key }).then(reject, reject);
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

async function listenError(
  error: unknown,
  { host, port, key }: { readonly host: string; readonly port: number; readonly key: string | undefined },
): Promise<MoltbotError> {
  const code = systemCode(error);
  if (code === 'EADDRINUSE') {
    return new MoltbotError('PORT_TAKEN', `Port ${port} on ${host} is taken.`, {
      hint: await otherPortHint(host, port, key),
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return new MoltbotError('NOT_PERMITTED', `Port ${port} on ${host} may not be opened by this user.`, {
      hint: await otherPortHint(host, port, key),
      cause: error,
    });
  }
  return new MoltbotError('USAGE', `This machine cannot listen on ${host} (${code ?? 'unknown error'}).`, {
    hint: 'Use an address of this machine: --host 127.0.0.1',
    cause: error,
  });
}

function refuseMalformed(error: Error, socket: Duplex): void {
  const code = systemCode(error);
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (isClosingAfterBody(socket)) {
    socket.end(() => socket.destroy());
    return;
  }
  if (code === 'HPE_HEADER_OVERFLOW') refuse(socket, '431 Request Header Fields Too Large');
  else if (code === 'ERR_HTTP_REQUEST_TIMEOUT') refuse(socket, '408 Request Timeout');
  else refuse(socket, '400 Bad Request');
}

function refuse(socket: Duplex, status: string): void {
  if (!socket.writable) return;
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\nx-should-retry: false\r\n\r\n`, () =>
    socket.destroy(),
  );
}
