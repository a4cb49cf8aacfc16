/** One part of a `multipart/form-data` body. */
export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** The parts of a multipart body held in memory (RFC 7578); undefined when the header or the body is not one. */
export function parseMultipart(contentType: string | undefined, body: Buffer): Part[] | undefined {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
  if (!boundary) return undefined;
  const delimiter = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const parts: Part[] = [];
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    const next = body.indexOf(delimiter, start);
    if (next === -1) break;
    const part = parsePart(body.subarray(start + 2, next - 2));
    if (part) parts.push(part);
    at = next;
  }
  return parts.length > 0 ? parts : undefined;
}

function parsePart(bytes: Buffer): Part | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = bytes.subarray(0, headEnd).toString('utf8');
  return {
    name: /[;\s]name="([^"]*)"/i.exec(head)?.[1] ?? '',
    filename: /filename="([^"]*)"/i.exec(head)?.[1],
    contentType: /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? 'application/octet-stream',
    bytes: bytes.subarray(headEnd + 4),
  };
}
