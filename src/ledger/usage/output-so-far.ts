import { type Fields, fieldsOf } from './json-fields.ts';

/** Where the pieces of an answer stand in the events of all formats. */
const TEXT_FIELDS = ['text', 'thinking', 'partial_json', 'content', 'reasoning_content', 'refusal', 'arguments'];
const BYTES_PER_TOKEN = 4;

/**
 * A rough count of the tokens an answer that broke off had so far, for where the provider did not say: one for each
 * piece, or one for four bytes of text, whichever is more.
 */
export class OutputSoFar {
  #pieces = 0;
  #bytes = 0;

  get tokens(): number {
    return Math.max(this.#pieces, Math.ceil(this.#bytes / BYTES_PER_TOKEN));
  }

  /** `delta` of an event of Messages or of a choice, or the text itself (Responses). */
  see(delta: unknown): void {
    const bytes = typeof delta === 'string' ? delta.length : textBytes(fieldsOf(delta));
    if (bytes === 0) return;
    this.#pieces += 1;
    this.#bytes += bytes;
  }
}

function textBytes(delta: Fields): number {
  const own = TEXT_FIELDS.reduce((sum, name) => {
    const value = delta[name];
    return sum + (typeof value === 'string' ? value.length : 0);
  }, 0);
  const calls = Array.isArray(delta.tool_calls) ? (delta.tool_calls as unknown[]) : [];
  return calls.reduce<number>((sum, call) => sum + textBytes(fieldsOf(fieldsOf(call).function)), own);
}
