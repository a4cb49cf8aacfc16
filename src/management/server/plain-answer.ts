/** An answer ready to be sent. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body: string | null;
}

/** Nothing here is for a cache or for a browser to guess at, unless a route says so. */
export function standardHeaders(requestId: string): Record<string, string> {
  return { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-moltbot-request-id': requestId };
}

export function jsonAnswer(
  status: number,
  value: unknown,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): PlainAnswer {
  const body = JSON.stringify(value);
  const content = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { status, headers: { ...standardHeaders(requestId), ...content, ...headers }, body };
}
