import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { MoltbotError } from '../../core/errors.ts';

/** Text of deltas compresses about 30 times; a bomb 1,000 times. Below the floor the ratio means nothing. */
const MAX_RATIO = 200;
const RATIO_FLOOR_BYTES = 1024 * 1024;

interface Decoder {
  readonly stream: () => Transform & { readonly bytesWritten: number };
  readonly whole: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;

const DECODERS = new Map<string, Decoder>(
  Object.entries({
    gzip: { stream: () => zlib.createGunzip({ flush: Z_SYNC_FLUSH }), whole: promisify(zlib.gunzip) },
    'x-gzip': { stream: () => zlib.createGunzip({ flush: Z_SYNC_FLUSH }), whole: promisify(zlib.gunzip) },
    deflate: { stream: () => zlib.createInflate({ flush: Z_SYNC_FLUSH }), whole: promisify(zlib.inflate) },
    br: {
      stream: () => zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH }),
      whole: promisify(zlib.brotliDecompress),
    },
    zstd: { stream: () => zlib.createZstdDecompress({ flush: ZSTD_e_flush }), whole: promisify(zlib.zstdDecompress) },
  } satisfies Record<string, Decoder>),
);

/** Whether a `content-encoding` changes the bytes at all. */
export function isEncoded(contentEncoding: string | undefined): boolean {
  const name = contentEncoding?.trim().toLowerCase() ?? '';
  return name !== '' && name !== 'identity';
}

/**
 * Decodes an event stream as it arrives: what was flushed upstream comes out at once. Undefined for an encoding we do
 * not know (also for several in a row). Write to it, listen to `data`, `end` and `error`; it emits `error` for damaged
 * and cut-off input and for a bomb, and its `pause()` and the result of `write()` carry back-pressure.
 */
export function createStreamDecoder(contentEncoding: string): Transform | undefined {
  const decoder = decoderOf(contentEncoding)?.stream();
  if (!decoder) return undefined;
  let decodedBytes = 0;
  decoder.on('data', (chunk: Buffer) => {
    decodedBytes += chunk.length;
    if (decodedBytes <= RATIO_FLOOR_BYTES || decodedBytes <= decoder.bytesWritten * MAX_RATIO) return;
    decoder.destroy(new MoltbotError('UPSTREAM_BROKEN', 'The upstream sent a compressed stream made to flood us.'));
  });
  return decoder;
}

/**
 * A decoded copy of a whole body, at most `limitBytes` long; undefined for an encoding we do not know. Throws
 * `TOO_LARGE` beyond the limit (memory used is bounded by it) and `BAD_REQUEST` for damaged input.
 */
export async function decodeCopy(
  body: Buffer,
  contentEncoding: string,
  limitBytes: number,
): Promise<Buffer | undefined> {
  try {
    return await decoderOf(contentEncoding)?.whole(body, { maxOutputLength: limitBytes });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new MoltbotError('TOO_LARGE', `The compressed body is larger than ${limitBytes} bytes when decoded.`);
    }
    throw new MoltbotError('BAD_REQUEST', 'The compressed body cannot be decoded.', {
      hint: 'Check that content-encoding names how the body is compressed.',
    });
  }
}

function decoderOf(contentEncoding: string): Decoder | undefined {
  return DECODERS.get(contentEncoding.trim().toLowerCase());
}
