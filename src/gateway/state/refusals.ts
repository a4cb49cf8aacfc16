import type { AuditLog } from '../../audit/audit-log.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';

/** A request that the gateway refused, by names only: never a token, a header or a body. */
export interface Refusal {
  readonly requestId: string;
  readonly code: ErrorCode;
  readonly gate: string | undefined;
  /** Undefined: nobody knows who asked. */
  readonly agentId: string | undefined;
  readonly provider: string | undefined;
  readonly route: string | undefined;
}

/** Rows of their own in each window; what comes beyond is counted by kind and written when the window is over. */
const WINDOW_MS = 10_000;
const ROWS_A_WINDOW = 20;
const KINDS_COUNTED = 200;

/** The state itself cannot be written: a row about it could not be written either, and would only pile up. */
const UNWRITABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AUDIT_UNAVAILABLE',
  'DATABASE_BUSY',
  'DATABASE_CORRUPT',
  'DATABASE_TOO_NEW',
  'DISK_FULL',
]);

/** No answer of an upstream, or a fault of ours: the ledger and the log tell of those. */
const NO_REFUSAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INTERNAL',
  'PROVIDER_UNREACHABLE',
  'REQUEST_TIMEOUT',
  'UPSTREAM_BROKEN',
  'UPSTREAM_SILENT',
]);

/** Writes refused requests into the audit; above a rate only how many there were of each kind. */
export class Refusals {
  readonly #audit: AuditLog;
  readonly #persist: (write: () => void) => void;
  readonly #now: Clock;
  readonly #counts = new Map<string, { refusal: Refusal; count: number }>();
  #waiting: { refusal: Refusal; atMs: number }[] = [];
  #windowEndsAtMs = 0;
  #rows = 0;

  constructor(audit: AuditLog, persist: (write: () => void) => void, now: Clock) {
    this.#audit = audit;
    this.#persist = persist;
    this.#now = now;
  }

  /** Writes it down after this turn: an answer does not wait for it, and all refusals take the same time. */
  note(refusal: Refusal): void {
    if (UNWRITABLE.has(refusal.code) || NO_REFUSAL.has(refusal.code)) return;
    this.#openWindow();
    this.#rows += 1;
    if (this.#rows > ROWS_A_WINDOW) {
      this.#count(refusal);
      return;
    }
    this.#waiting.push({ refusal, atMs: this.#now() });
    if (this.#waiting.length === 1) setImmediate(() => this.#write());
  }

  /** Writes the counts of a window that is over. Call it about every second. */
  flush(): void {
    if (this.#isWindowOver()) this.finish();
  }

  /** Writes everything there is. */
  finish(): void {
    this.#write();
    const counted = [...this.#counts.values()];
    this.#counts.clear();
    const nowMs = this.#now();
    for (const { refusal, count } of counted) this.#persist(() => this.#append(refusal, nowMs, count));
  }

  #openWindow(): void {
    if (!this.#isWindowOver()) return;
    this.finish();
    this.#windowEndsAtMs = this.#now() + WINDOW_MS;
    this.#rows = 0;
  }

  /** Also when the clock was set back: a window that ends far in the future would keep its counts until then. */
  #isWindowOver(): boolean {
    const leftMs = this.#windowEndsAtMs - this.#now();
    return leftMs <= 0 || leftMs > WINDOW_MS;
  }

  #count(refusal: Refusal): void {
    const { code, gate, agentId, provider, route } = refusal;
    const kind = [code, gate, agentId, provider, route].join(' ');
    const known = this.#counts.get(kind);
    if (known) known.count += 1;
    else if (this.#counts.size < KINDS_COUNTED) this.#counts.set(kind, { refusal, count: 1 });
    else this.#countOther(code);
  }

  /** Somebody makes up names: from here on only the codes are told apart, of which there are few. */
  #countOther(code: ErrorCode): void {
    const known = this.#counts.get(code);
    const refusal = { requestId: '', code, gate: undefined, agentId: undefined, provider: undefined, route: undefined };
    if (known) known.count += 1;
    else this.#counts.set(code, { refusal, count: 1 });
  }

  #write(): void {
    const rows = this.#waiting;
    if (rows.length === 0) return;
    this.#waiting = [];
    this.#persist(() =>
      this.#audit.together(() => {
        for (const { refusal, atMs } of rows) this.#append(refusal, atMs, 1);
      }),
    );
  }

  #append({ agentId, code, requestId, gate, provider, route }: Refusal, atMs: number, count: number): void {
    const detail = {
      code,
      ...(gate !== undefined && { gate }),
      ...(provider !== undefined && { provider }),
      ...(route !== undefined && { route }),
      ...(count > 1 ? { count } : { requestId }),
    };
    this.#audit.append({ actor: 'gateway', action: 'request.refused', subject: agentId ?? 'unknown', detail }, atMs);
  }
}
