/** The head of a good request up to its framing, which is what each attack writes differently. */
type Head = (...lines: readonly string[]) => string;

/**
 * Requests whose end two readers could find in two places, by what is wrong with them, each with a second request behind
 * it where a laxer reader would look for one. `body` is in ASCII.
 */
export function twoWayRequests(body: string): readonly (readonly [string, (head: Head) => string])[] {
  const { length } = body;
  const chunk = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const hidden = (head: Head) => head(`Content-Length: ${length}`) + body;
  // biome-ignore format: one attack a line reads better
  return [
    ['two lengths, CL and TE', (head) => head(`Content-Length: ${length}`, 'Transfer-Encoding: chunked') + chunk + hidden(head)],
    ['two lengths, TE and CL', (head) => head('Transfer-Encoding: chunked', 'Content-Length: 5') + chunk + hidden(head)],
    ['two content-lengths that differ', (head) => head(`Content-Length: ${length}`, 'Content-Length: 0') + body + hidden(head)],
    ['two content-lengths that are equal', (head) => head(`Content-Length: ${length}`, `Content-Length: ${length}`) + body + hidden(head)],
    ['a list as content-length', (head) => head(`Content-Length: ${length}, ${length}`) + body + hidden(head)],
    ['a signed content-length', (head) => head(`Content-Length: +${length}`) + body + hidden(head)],
    ['a hexadecimal content-length', (head) => head(`Content-Length: 0x${length.toString(16)}`) + body + hidden(head)],
    ['a negative content-length', (head) => head('Content-Length: -1') + body + hidden(head)],
    ['an empty content-length', (head) => head('Content-Length: ') + body + hidden(head)],
    ['an endless content-length', (head) => head(`Content-Length: ${'9'.repeat(40)}`) + body],
    ['a transfer-encoding that is not last', (head) => head('Transfer-Encoding: chunked, identity') + chunk + hidden(head)],
    ['an unknown transfer-encoding', (head) => head('Transfer-Encoding: xchunked') + chunk + hidden(head)],
    ['two transfer-encodings', (head) => head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + chunk + hidden(head)],
    ['a space before the colon', (head) => head('Transfer-Encoding : chunked') + chunk + hidden(head)],
    ['bare line feeds between headers', (head) => head(`Content-Length: ${length}`).replaceAll('\r\n', '\n') + body + hidden(head)],
    ['a bare carriage return in a header', (head) => head('X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 0') + chunk],
    ['a folded header', (head) => head('X-A: b\r\n Transfer-Encoding: chunked', `Content-Length: ${length}`) + body + hidden(head)],
    ['a NUL in a header', (head) => head('X-A: b\x00c', `Content-Length: ${length}`) + body],
    ['a header without a name', (head) => head(': b', `Content-Length: ${length}`) + body],
    ['a header without a colon', (head) => head('X-A', `Content-Length: ${length}`) + body],
    ['a chunk size that is no number', (head) => `${head('Transfer-Encoding: chunked')}zz\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk size with a sign', (head) => `${head('Transfer-Encoding: chunked')}+5\r\nhello\r\n0\r\n\r\n`],
    ['a chunk longer than it says', (head) => `${head('Transfer-Encoding: chunked')}2\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk ended by a bare line feed', (head) => `${head('Transfer-Encoding: chunked')}${length.toString(16)}\n${body}\n0\n\n${hidden(head)}`],
    ['an overflowing chunk size', (head) => `${head('Transfer-Encoding: chunked')}${'f'.repeat(17)}\r\n${body}\r\n0\r\n\r\n`],
    ['an unknown version', (head) => head(`Content-Length: ${length}`).replace('HTTP/1.1', 'HTTP/3.7') + body],
    ['no version at all', (head) => `GET /healthz\r\n\r\n${hidden(head)}`],
  ];
}
