import { inspect } from 'node:util';

/**
 * A credential in memory. It prints as `[secret]` under every way of printing a value (template, JSON, `inspect`,
 * `console`, pino), so that a mistake in a log line shows nothing. `reveal()` is the only way to the text; it is called
 * where the credential goes into an upstream header, into the vault, or to the person who asked for it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  get length(): number {
    return this.#text.length;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.toPrimitive](): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/**
 * What a person sees of a secret: prefix and last four, so that they can tell two keys apart.
 * A secret of 16 characters or fewer is never shown in part.
 */
export function maskSecret(secret: Secret): string {
  const text = secret.reveal();
  if (text.length <= 16) return '••••';
  const prefix =
    /^(sk-ant-oat01-|sk-ant-api03-|sk-ant-sim-|sk-ant-|xai-sim-|xai-|sk-proj-|sk-sim-|sk-)/.exec(text)?.[0] ?? '';
  return `${prefix}…${text.slice(-4)}`;
}
