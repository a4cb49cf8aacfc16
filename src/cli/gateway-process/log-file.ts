import { closeSync, writeSync } from 'node:fs';

/** Lines are written together, at the latest after this time. */
const WRITE_EVERY_MS = 200;
const WRITE_AT_BYTES = 8_192;

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
    let rest = Buffer.from(this.#held);
    this.#held = '';
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch {
      // A gap in the log.
    }
  };
}
