import { once } from 'node:events';
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createStreamDecoder, decodeCopy, isEncoded } from '../../../src/gateway/stream/decode.ts';

const ENCODERS = {
  gzip: { stream: () => zlib.createGzip(), whole: zlib.gzipSync },
  deflate: { stream: () => zlib.createDeflate(), whole: zlib.deflateSync },
  br: { stream: () => zlib.createBrotliCompress(), whole: zlib.brotliCompressSync },
  zstd: { stream: () => zlib.createZstdCompress(), whole: zlib.zstdCompressSync },
};
const NAMES = Object.keys(ENCODERS) as (keyof typeof ENCODERS)[];

describe('createStreamDecoder', () => {
  it.each(NAMES)('gives each event as soon as it was flushed (%s)', async (name) => {
    const encoder = ENCODERS[name].stream();
    const decoder = createStreamDecoder(name)!;
    encoder.pipe(decoder);
    for (const event of ['data: {"a":1}\n\n', 'data: {"a":2}\n\n']) {
      encoder.write(event);
      encoder.flush();
      const [chunk] = (await once(decoder, 'data')) as [Buffer];
      expect(chunk.toString()).toBe(event);
    }
    encoder.end();
    await once(decoder, 'end');
  });

  it.each(NAMES)('fails on a stream that was cut off (%s)', async (name) => {
    const decoder = createStreamDecoder(name)!;
    decoder.on('data', () => undefined);
    const encoded = ENCODERS[name].whole(Buffer.from('data: {"a":1}\n\n'.repeat(5)));
    decoder.end(encoded.subarray(0, -6));
    const [error] = (await once(decoder, 'error')) as [Error];
    expect(error).toBeInstanceOf(Error);
  });

  it.each(NAMES)('stops at a bomb long before it is unpacked (%s)', async (name) => {
    const bomb = ENCODERS[name].whole(Buffer.alloc(64 * 1024 * 1024));
    const decoder = createStreamDecoder(name)!;
    let decodedBytes = 0;
    decoder.on('data', (chunk: Buffer) => {
      decodedBytes += chunk.length;
    });
    decoder.end(bomb);
    const [error] = (await once(decoder, 'error')) as [Error];
    expect(error.message).toBe('The upstream sent a compressed stream made to flood us.');
    expect(decodedBytes).toBeLessThan(20 * 1024 * 1024);
  });

  it('lets a long stream of like events pass', async () => {
    const decoder = createStreamDecoder('gzip')!;
    const text = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0}\n\n';
    let decodedBytes = 0;
    decoder.on('data', (chunk: Buffer) => {
      decodedBytes += chunk.length;
    });
    const encoder = zlib.createGzip();
    encoder.pipe(decoder);
    for (let sent = 0; sent < 40_000; sent++) {
      encoder.write(text);
      if (sent % 10 === 0) encoder.flush();
    }
    encoder.end();
    await once(decoder, 'end');
    expect(decodedBytes).toBe(40_000 * text.length);
  });

  it('says that it does not know an encoding', () => {
    expect([createStreamDecoder('compress'), createStreamDecoder('gzip, br')]).toEqual([undefined, undefined]);
  });
});

describe('decodeCopy', () => {
  it.each(NAMES)('decodes a body (%s)', async (name) => {
    const encoded = ENCODERS[name].whole(Buffer.from('{"model":"x"}'));
    expect((await decodeCopy(encoded, ` ${name.toUpperCase()} `, 1024))?.toString()).toBe('{"model":"x"}');
  });

  it.each(NAMES)('refuses a body that is longer than the limit (%s)', async (name) => {
    const bomb = ENCODERS[name].whole(Buffer.alloc(8 * 1024 * 1024));
    await expect(decodeCopy(bomb, name, 1024)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it.each(NAMES)('refuses a damaged body (%s)', async (name) => {
    await expect(decodeCopy(Buffer.from('not compressed at all'), name, 1024)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('does not guess at an encoding it does not know', async () => {
    expect(await decodeCopy(Buffer.from('x'), 'compress', 1024)).toBeUndefined();
  });
});

it('knows which encodings change nothing', () => {
  expect([undefined, '', 'identity', ' Identity ', 'gzip', 'br'].map(isEncoded)).toEqual([
    false,
    false,
    false,
    false,
    true,
    true,
  ]);
});
