import type { Problem } from './problem.ts';

/** JSON5 says line (counting only \n), column and the character it did not expect, which is shown if it is punctuation. */
export function syntaxProblem(text: string, error: unknown): Problem {
  const { lineNumber = 1, columnNumber = 1 } = error as { lineNumber?: number; columnNumber?: number };
  const lineStart = [...text.matchAll(/\n/g)][lineNumber - 2];
  const start = lineNumber === 1 || !lineStart ? 0 : lineStart.index + 1;
  const offset = Math.min(Math.max(0, start + columnNumber - 1), text.length);
  const character = text[offset];
  if (offset >= text.length || character === undefined) {
    return {
      offset: text.length,
      key: '',
      what: 'the file ends too early',
      fix: 'Close the open bracket, quote or comment.',
    };
  }
  const shown = /[{}[\]:,"'/]/.test(character) ? `unexpected "${character}"` : 'unexpected character';
  return {
    offset,
    key: '',
    what: `not valid JSON5, ${shown}`,
    fix: 'Look there for a missing comma, quote or bracket (often at the end of the line before).',
  };
}
