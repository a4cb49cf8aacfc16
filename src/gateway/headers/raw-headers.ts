/** Headers as Node and undici give and take them: name, value, name, value, in order and in the sender's spelling. */
export type RawHeaders = readonly string[];

/** The first value of a header, by its lower-case name. */
export function headerOf(raw: RawHeaders, name: string): string | undefined {
  for (let at = 0; at < raw.length; at += 2) {
    if (isName(raw[at]!, name)) return raw[at + 1];
  }
  return undefined;
}

/** Every value of a header that may repeat, in order. */
export function headersOf(raw: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    if (isName(raw[at]!, name)) values.push(raw[at + 1]!);
  }
  return values;
}

/** Compares without making a lower-case copy of names whose length already differs. */
export function isName(sent: string, lowerCaseName: string): boolean {
  return sent.length === lowerCaseName.length && (sent === lowerCaseName || sent.toLowerCase() === lowerCaseName);
}

/** The comma-separated parts of a list header, trimmed, empty ones left out. */
export function listOf(values: readonly string[]): string[] {
  const parts: string[] = [];
  for (const value of values) {
    for (const part of value.split(',')) {
      const trimmed = part.trim();
      if (trimmed !== '') parts.push(trimmed);
    }
  }
  return parts;
}

/** How a body is encoded, as one list also where several headers say it; undefined when nothing is said. */
export function contentEncodingOf(raw: RawHeaders): string | undefined {
  return listOf(headersOf(raw, 'content-encoding')).join(', ') || undefined;
}
