import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Config } from '../../config/schema.ts';
import { isMoltbotError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import { MINUTE_MS } from '../../core/time.ts';
import { VERSION } from '../../core/version.ts';
import type { Database } from '../../database/database.ts';
import { anchorLedger } from '../../ledger/anchor.ts';
import { type EndedRow, Ledger } from '../../ledger/ledger.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';
import { AuditSealer } from './audit-sealer.ts';
import { Refusals } from './refusals.ts';
import { Retention } from './retention.ts';

export interface GatewayBooksParts {
  readonly stores: { readonly database: Database; readonly audit: AuditLog; readonly ledger: LedgerStore };
  /** The audit key from the vault, made where there is none. */
  readonly readKey: () => Promise<Uint8Array>;
  /** Told of every row of the ledger that ended, once it is written. */
  readonly onCompleted: (row: EndedRow) => void;
  readonly config: () => Config;
  /** Runs a write now, or again soon when the database is busy. */
  readonly persist: (write: () => void) => void;
  readonly log: Logger;
  readonly now: Clock;
}

const ANCHOR_EVERY_MS = MINUTE_MS;
const RETRY_MS = 50;
const PATIENCE_MS = 10_000;

/** What a running gateway writes down: its requests in the ledger, what it did and refused in the audit. */
export class GatewayBooks {
  readonly ledger: Ledger;
  readonly refusals: Refusals;
  readonly #parts: GatewayBooksParts;
  readonly #sealer: AuditSealer;
  readonly #retention: Retention;
  #anchoredAtMs = performance.now();

  constructor(parts: GatewayBooksParts) {
    const { stores, persist, now, readKey, log } = parts;
    this.#parts = parts;
    this.ledger = new Ledger(stores.database, stores.ledger, parts.onCompleted);
    this.refusals = new Refusals(stores.audit, persist, now);
    this.#retention = new Retention(parts);
    this.#sealer = new AuditSealer({ ...stores, readKey, log, now });
  }

  /**
   * Before the first request: rows that a killed gateway left open are closed, and so charged to the budgets. Waits a
   * while for a database in use; beyond that, and where it cannot be written, it is done as soon as it can be.
   */
  async open(): Promise<void> {
    const { stores, persist, now } = this.#parts;
    const left = stores.ledger.open();
    if (left.length === 0) return;
    const close = () => this.ledger.closeInterrupted(left, now());
    const untilMs = performance.now() + PATIENCE_MS;
    while (performance.now() < untilMs) {
      try {
        return close();
      } catch (error) {
        if (!isMoltbotError(error) || error.code !== 'DATABASE_BUSY') break;
        await sleep(RETRY_MS);
      }
    }
    persist(close);
  }

  started(url: string): void {
    this.#append('gateway.started', url, { version: VERSION, pid: process.pid });
  }

  /** The config file says something else, and that holds from now on. */
  configChanged(path: string, keys: readonly string[]): void {
    this.#append('config.changed', path, { keys });
  }

  /** A few times a second. */
  beat(): void {
    this.refusals.flush();
    this.ledger.writeLate();
    if (performance.now() - this.#anchoredAtMs >= ANCHOR_EVERY_MS) this.#anchor();
    this.#sealer.beat();
    this.#retention.look();
  }

  /** The last rows of this run, all sealed where the key is there. */
  stopped(url: string): void {
    this.refusals.finish();
    this.ledger.catchUp();
    this.#append('gateway.stopped', url, { version: VERSION, pid: process.pid });
    this.#anchor();
    this.#sealer.finish();
  }

  /** Resolves when the vault is not being asked for the key of the audit any more. */
  settled(): Promise<void> {
    return this.#sealer.settled();
  }

  /** Seals what waits, where the key is there; what cannot be sealed now waits for the next process. */
  seal(): void {
    try {
      this.#sealer.finish();
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      this.#parts.log.warn({ code: error.code }, `audit rows wait for their seal: ${error.message}`);
    }
  }

  #anchor(): void {
    anchorLedger(this.#parts.stores, this.#parts.now());
    this.#anchoredAtMs = performance.now();
  }

  #append(
    action: 'gateway.started' | 'gateway.stopped' | 'config.changed',
    subject: string,
    detail: Readonly<Record<string, string | number | readonly string[]>>,
  ): void {
    const { stores, persist, now } = this.#parts;
    const nowMs = now();
    persist(() => stores.audit.append({ actor: 'gateway', action, subject, detail }, nowMs));
  }
}
