/** What a chunk of key presses led to. */
export type PasteStep = 'more' | 'done' | 'interrupted' | 'ended';

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

/**
 * Key presses of a terminal in raw mode become one hidden text. A terminal marks a paste (bracketed paste), and inside
 * the marks a line break belongs to the text: a long token that was copied from a wrapped line arrives whole. Where a
 * terminal does not mark it, a line break with more behind it in the same chunk is taken for one inside a paste.
 */
export class PasteBuffer {
  #text = '';
  /** The beginning of an escape sequence whose rest has not come yet. */
  #held = '';
  #isInPaste = false;

  get text(): string {
    return this.#text;
  }

  feed(chunk: string): PasteStep {
    let rest = this.#held + chunk;
    this.#held = '';
    while (rest !== '') {
      if (rest[0] === '\x1b') {
        const taken = this.#escape(rest);
        if (taken === 0) {
          this.#held = rest;
          return 'more';
        }
        rest = rest.slice(taken);
        continue;
      }
      const step = this.#key(rest[0]!, rest.length > 1);
      if (step !== 'more') return step;
      rest = rest.slice(1);
    }
    return 'more';
  }

  /** Length of the escape sequence at the start; 0 while it is not complete. Only the marks of a paste mean anything. */
  #escape(rest: string): number {
    if (PASTE_START.startsWith(rest.slice(0, PASTE_START.length)) && rest.length < PASTE_START.length) return 0;
    if (PASTE_END.startsWith(rest.slice(0, PASTE_END.length)) && rest.length < PASTE_END.length) return 0;
    if (rest.startsWith(PASTE_START)) this.#isInPaste = true;
    if (rest.startsWith(PASTE_END)) this.#isInPaste = false;
    const sequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)/s.exec(rest);
    return sequence ? sequence[0].length : rest.startsWith('\x1b[') && rest.length < 32 ? 0 : 1;
  }

  #key(key: string, isFollowed: boolean): PasteStep {
    if (key === '\r' || key === '\n') {
      if (!this.#isInPaste && !isFollowed) return 'done';
      this.#text += '\n';
    } else if (this.#isInPaste) this.#text += key;
    else if (key === '\x03') return 'interrupted';
    else if (key === '\x04') return 'ended';
    else if (key === '\x7f' || key === '\b') this.#text = this.#text.slice(0, -1);
    else if (key === '\x15') this.#text = '';
    else if (key >= ' ') this.#text += key;
    return 'more';
  }
}
