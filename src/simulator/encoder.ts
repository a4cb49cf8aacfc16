import { once } from 'node:events';
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';

const ENCODINGS = {
  gzip: { whole: gzipSync, create: createGzip, flush: constants.Z_SYNC_FLUSH },
  deflate: { whole: deflateSync, create: createDeflate, flush: constants.Z_SYNC_FLUSH },
  br: { whole: brotliCompressSync, create: createBrotliCompress, flush: constants.BROTLI_OPERATION_FLUSH },
  zstd: { whole: zstdCompressSync, create: createZstdCompress, flush: constants.ZSTD_e_flush },
};

export type Encoding = keyof typeof ENCODINGS;

export function encodeWhole(bytes: Buffer, encoding: Encoding): Buffer {
  return ENCODINGS[encoding].whole(bytes);
}

/** Encodes frame by frame, each flushed so that it can be decoded when it arrives; `undefined` ends the encoding. */
export function newEncoder(encoding: Encoding): (frame: string | undefined) => Promise<Buffer> {
  const { create, flush } = ENCODINGS[encoding];
  const stream = create();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return async (frame) => {
    if (frame === undefined) {
      stream.end();
      await once(stream, 'end');
    } else {
      stream.write(frame);
      await new Promise<void>((resolve) => stream.flush(flush, resolve));
    }
    return Buffer.concat(chunks.splice(0));
  };
}
