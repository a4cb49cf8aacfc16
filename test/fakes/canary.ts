import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every form in which a secret could have leaked: as it is, base64 at each of the three offsets it may have inside a
 * longer text, base64url, URL-encoded, hex.
 */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends depend on the neighbours.
    return encoded.slice(offset === 0 ? 0 : offset + 1, -1);
  });
  const texts = [secret, ...shifted, ...shifted.map(toUrlAlphabet), encodeURIComponent(secret), bytes.toString('hex')];
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

function toUrlAlphabet(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}

/** Names of the places (files below the directories, and the given texts) that hold the secret in any form. */
export function findCanary(
  secret: string,
  places: { readonly directories?: readonly string[]; readonly texts?: Readonly<Record<string, string | Buffer>> },
): string[] {
  const forms = formsOf(secret);
  const holds = (content: Buffer) => forms.some((form) => content.includes(form));
  const files = (places.directories ?? []).flatMap(filesBelow).filter((file) => holds(readFileSync(file)));
  const texts = Object.entries(places.texts ?? {}).filter(([, text]) => holds(Buffer.from(text)));
  return [...files, ...texts.map(([name]) => name)];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
