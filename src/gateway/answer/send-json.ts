import type { Exchange } from '../exchange.ts';

/** Sends an answer of a route of our own. */
export function sendJson(
  { request, response, requestId }: Exchange,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-moltbot-request-id': requestId,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** For answers that carry a secret, or tell of one (RFC 6749, section 5.1). */
export const NO_STORE = { 'cache-control': 'no-store' } as const;
