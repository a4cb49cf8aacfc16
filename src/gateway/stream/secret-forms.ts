/** Shorter texts are words: replacing each of them would mangle answers and hide nothing worth hiding. */
const MINIMUM_LENGTH = 8;

/** `text` as it stands, and inside a JSON string (also with `\/`, as some servers write it). */
export function plainForms(text: string): string[] {
  if (text.length < MINIMUM_LENGTH) return [];
  const inJson = JSON.stringify(text).slice(1, -1);
  return longestFirst([text, inJson, inJson.replaceAll('/', '\\/')]);
}

/** Every form in which a header or an error body may repeat `text`: plain, URL-encoded, base64, base64url. */
export function allForms(text: string): string[] {
  if (text.length < MINIMUM_LENGTH) return [];
  const inUrl = encodeURIComponent(text.toWellFormed());
  const inUrlLowerHex = inUrl.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return longestFirst([...plainForms(text), inUrl, inUrlLowerHex, ...base64Forms(Buffer.from(text))]);
}

/**
 * Base64 of something that contains `secret` (`Bearer …`, `user:…`, a whole header block): the text depends on how many
 * bytes stand before it, modulo 3. For each of the three, the characters made of nothing but the secret's own bits.
 */
function base64Forms(secret: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), secret])
      .toString('base64')
      .replaceAll('=', '');
    const isLastMixed = (before + secret.length) % 3 !== 0;
    const own = encoded.slice(before === 0 ? 0 : before + 1, isLastMixed ? -1 : undefined);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** A form inside a longer one must not be replaced first. */
function longestFirst(forms: string[]): string[] {
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
