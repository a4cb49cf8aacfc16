import { isDeepStrictEqual } from 'node:util';
import { parseText, type TextFormat } from './parse-text.ts';
import { isRecord } from './unknown-value.ts';

/**
 * The text without the secrets, every other byte as it was: comments, order, quotes and line ends stay, which printing
 * the parsed file would not keep. In quotes nothing is left, elsewhere `""`. The result is read again, and must say the
 * same but for the secrets; undefined where it does not (or where they are written in a way that is not found).
 */
export function scrubText(
  text: string,
  format: TextFormat,
  secrets: readonly string[],
  file: string,
): string | undefined {
  const pattern = patternOf(secrets);
  const wanted = withoutSecrets(parseText(format, text, file), pattern);
  const candidates = [
    text.replace(pattern, (_, offset: number) => (/["']/.test(text[offset - 1] ?? '') ? '' : '""')),
    text.replace(pattern, ''),
  ];
  return candidates.find((candidate) => saysThat(candidate, format, file, wanted));
}

function saysThat(text: string, format: TextFormat, file: string, wanted: unknown): boolean {
  try {
    return isDeepStrictEqual(withoutSecrets(parseText(format, text, file), undefined), wanted);
  } catch {
    // It would not be readable any more.
    return false;
  }
}

/** A key that is the beginning of another one is not touched inside it. */
function patternOf(secrets: readonly string[]): RegExp {
  const alternatives = secrets.map((secret) => secret.replace(/[^\w-]/g, '\\$&'));
  return new RegExp(`(?<![\\w-])(?:${alternatives.join('|')})(?![\\w-])`, 'g');
}

/** The same value with the secrets cut out of every text; nothing, blanks and an empty text are one. */
function withoutSecrets(value: unknown, pattern: RegExp | undefined): unknown {
  if (typeof value === 'string') return (pattern ? value.replace(pattern, '') : value).trim();
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, pattern));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each, pattern)]));
}
