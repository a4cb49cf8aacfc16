import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AlertsConfig } from '../config/schema.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Alert } from './alert.ts';
import { type AlertMessage, messageOf } from './alert-message.ts';
import type { AlertWay, WayResult } from './alert-way.ts';
import { Lane } from './lane.ts';
import { sendOver, type WaysParts, waysOf } from './ways-of.ts';

export interface AlertsParts extends WaysParts {
  readonly config: AlertsConfig;
  readonly log: Logger;
  /** The machine that tells. */
  readonly host: string;
  /** Asked at each alert, because alerts are made before the gateway listens. */
  readonly gatewayUrl: () => string | null;
  /** Puts it where it is found after a restart. */
  readonly keep: (message: AlertMessage) => void;
}

/** One kind and subject is told once in this time, so that a budget that goes to and fro does not storm. */
const SILENCE_MS = MINUTE_MS;
const CLOSE_GRACE_MS = 2_000;

/** Tells people: always in the log and the list of alerts, and over every way that is configured. */
export class Alerts {
  readonly #parts: AlertsParts;
  readonly #lanes: ReadonlyMap<AlertWay, Lane>;
  readonly #stop = new AbortController();
  /** `kind subject` → when it was told. */
  readonly #toldAtMs = new Map<string, number>();
  /** Faults of the set-up that the log has. */
  readonly #saidFaults = new Set<string>();

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    this.#lanes = new Map(waysOf(parts.config, parts).map((way) => [way, new Lane()]));
  }

  /** Returns at once and never fails. What was told within the last minute is not told again. */
  tell(alert: Alert): void {
    try {
      if (this.#wasToldJustNow(alert)) return;
      const { host, gatewayUrl, log, keep } = this.#parts;
      const message = messageOf(alert, { host, gatewayUrl: gatewayUrl() });
      const { id, kind, subject, text, detail } = message;
      log.warn({ alert: id, kind, subject, detail }, text);
      for (const [way, lane] of this.#lanes) this.#send(message, way, lane);
      keep(message);
    } catch (error) {
      // An alert is never the reason why a request fails.
      this.#parts.log.error(
        { kind: alert.kind, name: error instanceof Error ? error.name : 'unknown' },
        'alert failed',
      );
    }
  }

  /** Waits at most two seconds for what is under way, then ends it. What is told afterwards is only logged and kept. */
  async close(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    const idle = () => Promise.all(lanes.map((lane) => lane.idle()));
    await Promise.race([idle(), sleep(CLOSE_GRACE_MS, undefined, { ref: false })]);
    const dropped = lanes.reduce((sum, lane) => sum + lane.clear(), 0);
    this.#stop.abort();
    await idle();
    if (dropped > 0) this.#parts.log.warn({ dropped }, 'alerts that were still waiting are not sent');
  }

  #wasToldJustNow({ kind, subject }: Alert): boolean {
    const nowMs = this.#parts.now();
    // A clock that was set back silences nothing.
    for (const [key, atMs] of this.#toldAtMs) if (Math.abs(nowMs - atMs) >= SILENCE_MS) this.#toldAtMs.delete(key);
    const key = `${kind} ${subject}`;
    if (this.#toldAtMs.has(key)) return true;
    this.#toldAtMs.set(key, nowMs);
    return false;
  }

  #send(message: AlertMessage, way: AlertWay, lane: Lane): void {
    if (this.#stop.signal.aborted) return;
    const isTaken = lane.push(async () => this.#note(message, way, await sendOver(way, message, this.#stop.signal)));
    if (!isTaken) this.#parts.log.warn({ alert: message.id, way: way.name }, 'too many alerts wait; not sent');
  }

  #note({ id }: AlertMessage, { name }: AlertWay, { ok, said, isLasting }: WayResult): void {
    const { log } = this.#parts;
    const isKnown = isLasting && this.#saidFaults.has(`${name} ${said}`);
    if (isKnown) return;
    if (isLasting) this.#saidFaults.add(`${name} ${said}`);
    if (ok) log.info({ alert: id, way: name }, `told: ${said}`);
    else log.warn({ alert: id, way: name }, `not told: ${said}`);
  }
}
