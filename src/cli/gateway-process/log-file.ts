import { closeSync, writeSync } from 'node:fs';

/** Lines are written together, at the latest after this time. */
const WRITE_EVERY_MS = 200;
const WRITE_AT_BYTES = 8_192;

/** What acts on a terminal and stands unescaped in JSON: C1 controls, line separators, bidirectional marks. */
const LEFT_BY_JSON = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Where pino writes to. Not pino's own destination: that one waits for the disk (fsync), and on a full one it waits for
 * ever. Here lines that cannot be written are lost, and the gateway goes on: what to do about a full disk is decided
 * where state is written.
 */
export class LogFile {
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;
  #held = '';

  constructor(fd: number) {
    this.#fd = fd;
    this.#timer = setInterval(this.#flush, WRITE_EVERY_MS).unref();
    process.on('exit', this.#flush);
  }

  write(line: string): void {
    this.#held += line;
    if (this.#held.length >= WRITE_AT_BYTES) this.#flush();
  }

  close(): void {
    clearInterval(this.#timer);
    process.off('exit', this.#flush);
    this.#flush();
    closeSync(this.#fd);
  }

  readonly #flush = (): void => {
    let rest = Buffer.from(this.#held.replace(LEFT_BY_JSON, escaped));
    this.#held = '';
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch {
      // A gap in the log.
    }
  };
}

/** A model's name came from a client; somebody will read the log on a terminal. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
