import type { Secret } from '../../core/secret.ts';
import { allForms, plainForms } from './secret-forms.ts';

const MARK = '[redacted by moltbot]';
const MARK_BYTES = Buffer.from(MARK);

/**
 * Takes a credential out of what an upstream sends back: a provider (or somebody in its place) that echoes our headers
 * must not hand an agent the key. Make one per credential and keep it: the forms are computed here, once. Secrets under
 * 8 characters are left alone.
 *
 * A replaced text has another length: whoever sends a redacted body sets `content-length` anew.
 */
export class Redactor {
  readonly #forms: string[];
  readonly #formBytes: Buffer[];
  readonly #plainBytes: Buffer[];
  readonly #shortestForm: number;
  /** Bytes of the longest plain form: what a search across chunk borders has to hold back, and one. */
  readonly longestPlainBytes: number;

  constructor(secrets: readonly Secret[]) {
    const texts = secrets.map((secret) => secret.reveal());
    this.#forms = texts.flatMap(allForms);
    this.#formBytes = this.#forms.map((form) => Buffer.from(form));
    this.#plainBytes = texts.flatMap(plainForms).map((form) => Buffer.from(form));
    this.#shortestForm = Math.min(Number.POSITIVE_INFINITY, ...this.#forms.map((form) => form.length));
    this.longestPlainBytes = Math.max(0, ...this.#plainBytes.map((form) => form.length));
  }

  /** Whole events, or anything else searched in plain form only. Returns `bytes` itself when nothing was found. */
  redactEvents(bytes: Buffer): Buffer {
    return this.#plainBytes.reduce(replaceAll, bytes);
  }

  /** An error body, searched in every form. Returns `body` itself when nothing was found. */
  redactBody(body: Buffer): Buffer {
    return this.#formBytes.reduce(replaceAll, body);
  }

  /** A header value or any other short text, searched in every form. */
  redactText(text: string): string {
    // Nearly every header is shorter than a key, so nearly none is searched.
    if (text.length < this.#shortestForm) return text;
    return this.#forms.reduce((result, form) => (result.includes(form) ? result.replaceAll(form, MARK) : result), text);
  }

  /**
   * A raw header list (name, value, name, value …). A header whose *name* holds the secret is dropped. Returns `list`
   * itself when nothing was found.
   */
  redactHeaders(list: readonly string[]): readonly string[] {
    if (!list.some((text) => this.#isFoundIn(text))) return list;
    const result: string[] = [];
    for (let index = 0; index + 1 < list.length; index += 2) {
      if (!this.#isFoundIn(list[index]!)) result.push(list[index]!, this.redactText(list[index + 1]!));
    }
    return result;
  }

  /** Names come lower-cased from some parsers. */
  #isFoundIn(text: string): boolean {
    if (text.length < this.#shortestForm) return false;
    return this.#forms.some((form) => text.includes(form) || text.includes(form.toLowerCase()));
  }
}

function replaceAll(bytes: Buffer, form: Buffer): Buffer {
  let at = bytes.indexOf(form);
  if (at === -1) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  for (; at !== -1; at = bytes.indexOf(form, from)) {
    parts.push(bytes.subarray(from, at), MARK_BYTES);
    from = at + form.length;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
