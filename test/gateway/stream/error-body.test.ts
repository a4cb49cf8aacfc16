import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { openErrorBody } from '../../../src/gateway/stream/error-body.ts';
import { Redactor } from '../../../src/gateway/stream/redactor.ts';

const KEY = `xai-sim-${'q'.repeat(24)}`;
const redactor = new Redactor([new Secret(KEY)]);
const harmless = Buffer.from('{"error":{"message":"slow down"}}');
const echo = Buffer.from(`{"error":{"message":"bad key ${KEY}"}}`);
const redactedEcho = Buffer.from('{"error":{"message":"bad key [redacted by moltbot]"}}');

describe('openErrorBody', () => {
  it('leaves an error as it is', async () => {
    expect(await openErrorBody(harmless, undefined, redactor)).toEqual({
      readable: harmless,
      bytes: harmless,
      isDecoded: false,
    });
  });

  it('leaves an encoded error as it is, and reads a copy', async () => {
    const encoded = gzipSync(harmless);
    const opened = await openErrorBody(encoded, 'gzip', redactor);
    expect(opened).toEqual({ readable: harmless, bytes: encoded, isDecoded: false });
    expect(gunzipSync(opened.bytes)).toEqual(harmless);
  });

  it('takes the credential out of an error, encoded or not', async () => {
    expect(await openErrorBody(echo, undefined, redactor)).toEqual({
      readable: echo,
      bytes: redactedEcho,
      isDecoded: false,
    });
    expect(await openErrorBody(gzipSync(echo), 'gzip', redactor)).toEqual({
      readable: echo,
      bytes: redactedEcho,
      isDecoded: true,
    });
  });

  it('sends nothing of an error that cannot be read', async () => {
    const unreadable = { readable: undefined, bytes: Buffer.alloc(0), isDecoded: true };
    expect(await openErrorBody(gzipSync(Buffer.alloc(4 * 1024 * 1024)), 'gzip', redactor)).toEqual(unreadable);
    expect(await openErrorBody(Buffer.from('junk'), 'gzip', redactor)).toEqual(unreadable);
    expect(await openErrorBody(echo, 'compress', redactor)).toEqual(unreadable);
  });
});
