import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { isRecord } from './answer-text.ts';

/** The request's bytes; `too large` past the limit; `left` when the client went before the end. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too large' | 'left'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) resolve('too large');
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => resolve('left'));
    request.on('close', () => resolve('left'));
  });
}

/** The JSON object of a body, decoded first when it is encoded; undefined when it is none. */
export function parseJsonBody(body: Buffer, encoding: string | undefined): Record<string, unknown> | undefined {
  if (body.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(decode(body, encoding).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    // Neither JSON nor of a known encoding: the route answers with the provider's 400.
    return undefined;
  }
}

function decode(body: Buffer, encoding: string | undefined): Buffer {
  switch (encoding) {
    case 'gzip':
      return gunzipSync(body);
    case 'br':
      return brotliDecompressSync(body);
    case 'zstd':
      return zstdDecompressSync(body);
    case 'deflate':
      return inflateSync(body);
    default:
      return body;
  }
}
