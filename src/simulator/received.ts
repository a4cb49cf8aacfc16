import { createHash } from 'node:crypto';
import type { CredentialType } from '../providers/provider.ts';
import { fingerprintOf, type IssuedKey } from './keys.ts';
import type { Family } from './script-schema.ts';

/** A credential as it was presented, without its value. */
export interface ReceivedCredential {
  readonly header: string;
  readonly scheme: 'bearer' | 'plain';
  readonly fingerprint: string;
  readonly kind: CredentialType | 'unknown';
  /** Name of the issued key; null when it was not issued here. */
  readonly name: string | null;
}

/** What the simulator saw of one request. Times are epoch ms. */
export interface ReceivedRequest {
  readonly method: string;
  /** As received, without the query. */
  readonly path: string;
  readonly query: string;
  readonly httpVersion: string;
  /** Of the connection: requests with the same one came over the same connection. */
  readonly remotePort: number;
  /** Name, value, name, value… in the order received; credentials are replaced by `[fingerprint …]`. */
  readonly rawHeaders: readonly string[];
  /** All presented: a gateway must send exactly one. */
  readonly credentials: readonly ReceivedCredential[];
  readonly receivedAtMs: number;
  family: Family | null;
  /** Below `/v1/`, `{id}` for ids; null when no route. */
  route: string | null;
  model: string | null;
  stream: boolean;
  /** Of all bytes, also those that `body` leaves out. */
  bodySha256: string;
  bodyBytes: number;
  /** At most `keepBodyBytes`. */
  body: Buffer;
  bodyAtMs: number | null;
  /** Status of the answer; null while (or when) there is none. */
  status: number | null;
  requestId: string;
  /** Kind of the scripted failure that was applied. */
  failure: string | null;
  eventsSent: number;
  endedAtMs: number | null;
  /** The client left before the request or the answer was whole. */
  closedEarly: boolean;
}

const CREDENTIAL_HEADERS = new Set(['authorization', 'x-api-key', 'api-key', 'proxy-authorization', 'cookie']);
const EMPTY = Buffer.alloc(0);

export interface Presented {
  readonly record: ReceivedCredential;
  readonly issued: IssuedKey | undefined;
}

/** Reads credentials out of the raw headers, and the headers without them. */
export function readHeaders(
  rawHeaders: readonly string[],
  find: (text: string) => IssuedKey | undefined,
): { presented: Presented[]; redacted: string[] } {
  const presented: Presented[] = [];
  const redacted = rawHeaders.slice();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index]!.toLowerCase();
    if (!CREDENTIAL_HEADERS.has(header)) continue;
    const value = rawHeaders[index + 1]!;
    const bearer = /^bearer +/i.exec(value);
    const text = bearer ? value.slice(bearer[0].length) : value;
    const issued = find(text);
    const fingerprint = issued?.fingerprint ?? fingerprintOf(text);
    redacted[index + 1] = `${bearer ? 'Bearer ' : ''}[fingerprint ${fingerprint}]`;
    if (header === 'cookie' || header === 'proxy-authorization') continue;
    const kind = issued?.type ?? 'unknown';
    const name = issued?.name ?? null;
    presented.push({ record: { header, scheme: bearer ? 'bearer' : 'plain', fingerprint, kind, name }, issued });
  }
  return { presented, redacted };
}

export function newReceived(
  head: Pick<ReceivedRequest, 'method' | 'path' | 'query' | 'httpVersion' | 'remotePort' | 'rawHeaders'>,
  credentials: readonly ReceivedCredential[],
  requestId: string,
): ReceivedRequest {
  return {
    ...head,
    credentials,
    receivedAtMs: Date.now(),
    family: null,
    route: null,
    model: null,
    stream: false,
    bodySha256: '',
    bodyBytes: 0,
    body: EMPTY,
    bodyAtMs: null,
    status: null,
    requestId,
    failure: null,
    eventsSent: 0,
    endedAtMs: null,
    closedEarly: false,
  };
}

/** Notes the whole body: its digest, its length, and as much of it as is kept. */
export function noteBody(received: ReceivedRequest, body: Buffer, keepBytes: number): void {
  received.bodySha256 = createHash('sha256').update(body).digest('hex');
  received.bodyBytes = body.length;
  // Copied: a small body is a piece of the socket's 64 KB buffer and would keep all of it.
  received.body = Buffer.from(body.subarray(0, keepBytes));
  received.bodyAtMs = Date.now();
}
