import { decodeCopy, isEncoded } from './decode.ts';
import type { Redactor } from './redactor.ts';

/** Decoded, an error text is a few hundred bytes; this is room for the HTML page of somebody's proxy. */
const MAX_DECODED_BYTES = 1024 * 1024;

export interface ErrorBody {
  /** The text to judge, decoded. Undefined when it cannot be read: then it cannot be redacted either, and is not sent. */
  readonly readable: Buffer | undefined;
  /** What goes to the client. */
  readonly bytes: Buffer;
  /** `bytes` is decoded although upstream's was not: `content-encoding` has to go. */
  readonly isDecoded: boolean;
}

/**
 * A held error body made ready for judging and for the client: untouched unless it repeats the credential. An encoded one is
 * read from a copy, and sent decoded only when something was taken out. `content-length` is always that of `bytes`.
 */
export async function openErrorBody(
  body: Buffer,
  contentEncoding: string | undefined,
  redactor: Redactor,
): Promise<ErrorBody> {
  if (!isEncoded(contentEncoding)) return { readable: body, bytes: redactor.redactBody(body), isDecoded: false };
  const readable = await decodedOrUndefined(body, contentEncoding!);
  if (!readable) return { readable, bytes: Buffer.alloc(0), isDecoded: true };
  const redacted = redactor.redactBody(readable);
  return redacted === readable
    ? { readable, bytes: body, isDecoded: false }
    : { readable, bytes: redacted, isDecoded: true };
}

async function decodedOrUndefined(body: Buffer, contentEncoding: string): Promise<Buffer | undefined> {
  try {
    return await decodeCopy(body, contentEncoding, MAX_DECODED_BYTES);
  } catch {
    // A bomb or a damaged body: there is nothing to judge or to pass on.
    return undefined;
  }
}
