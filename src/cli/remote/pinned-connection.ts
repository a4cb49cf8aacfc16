import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { type ServerAddress, serverNameOf } from './server-address.ts';

const CONNECT_LIMIT_MS = 10_000;

export interface PresentedCertificate {
  /** SHA-256, 64 hex digits. */
  readonly fingerprint: string;
  /** PEM, without what was sent along to vouch for it. */
  readonly pem: string;
}

/**
 * A connection to the server, with nothing sent on it yet. Over TLS only to the one that presents the pinned certificate:
 * SERVER_UNTRUSTED otherwise. That is stricter than a certificate authority's word, so none is asked.
 */
export async function connectPinned(server: ServerAddress, fingerprint: string | null): Promise<Socket> {
  if (!server.isTls) return opened(server, connectPlain({ host: server.host, port: server.port }), 'connect');
  const socket = await handshake(server);
  if (fingerprint !== null && certificateOf(socket).fingerprint === fingerprint) return socket;
  socket.destroy();
  throw new MoltbotError('SERVER_UNTRUSTED', `${server.url} presents another certificate than the pinned one.`, {
    hint: 'Nothing was sent to it. If its certificate was renewed, enrol again: moltbot unenroll <name>, then moltbot enroll …',
  });
}

/** What the server presents, to be shown and pinned. Sends nothing. */
export async function presentedCertificate(server: ServerAddress): Promise<PresentedCertificate> {
  const socket = await handshake(server);
  try {
    return certificateOf(socket);
  } finally {
    socket.destroy();
  }
}

function handshake(server: ServerAddress): Promise<TLSSocket> {
  const servername = serverNameOf(server);
  const socket = connectTls({
    host: server.host,
    port: server.port,
    ...(servername && { servername }),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // Judged by its fingerprint, right after the handshake and before anything is sent.
    rejectUnauthorized: false,
  });
  return opened(server, socket, 'secureConnect');
}

function certificateOf(socket: TLSSocket): PresentedCertificate {
  const certificate = socket.getPeerX509Certificate();
  const fingerprint = certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '';
  return { fingerprint, pem: certificate?.toString() ?? '' };
}

function opened<T extends Socket>(server: ServerAddress, socket: T, event: 'connect' | 'secureConnect'): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: string) => {
      socket.destroy();
      reject(unreachable(server, code));
    };
    socket.setTimeout(CONNECT_LIMIT_MS, () => failed('no answer in time'));
    socket.once('error', (error) => failed(systemCode(error) ?? 'failed'));
    socket.once(event, () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

function unreachable({ url }: ServerAddress, code: string): MoltbotError {
  return new MoltbotError('GATEWAY_NOT_RUNNING', `The gateway at ${url} cannot be reached (${code}).`, {
    hint: 'Check the address and that the gateway runs there: moltbot gateway status',
  });
}
