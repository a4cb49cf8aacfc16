import type { Logger } from 'pino';
import { putInForce } from '../../catalog/in-force.ts';
import { catalogWith, readStoredCatalog } from '../../catalog/loaded-catalog.ts';
import { SHIPPED } from '../../catalog/shipped.ts';
import { stampOf } from '../../config/watch.ts';
import { isMoltbotError } from '../../core/errors.ts';

/** Has a running gateway go by the catalog that a person loads meanwhile. The file is only ever replaced as a whole. */
export class CatalogWatch {
  readonly #path: string;
  readonly #log: Logger;
  #seen: string;

  /** Fails where the catalog cannot be read: a gateway does not start with prices that nobody chose. */
  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    this.#seen = stampOf(path);
    this.#takeOver();
  }

  /** A few times a second. One that cannot be read is said once, and changes nothing. */
  look(): void {
    const stamp = stampOf(this.#path);
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    try {
      this.#takeOver();
      this.#log.info('models and prices taken over');
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      this.#log.error({ code: error.code }, `models and prices ignored: ${error.message}`);
    }
  }

  /** The gateway is over: this process goes by what the program knows. */
  close(): void {
    putInForce(() => SHIPPED);
  }

  #takeOver(): void {
    const catalog = catalogWith(readStoredCatalog(this.#path));
    putInForce(() => catalog);
  }
}
