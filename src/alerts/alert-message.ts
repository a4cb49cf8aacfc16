import { newAlertId } from '../core/ids.ts';
import type { Alert, AlertDetail, AlertKind } from './alert.ts';

/** An alert as commands and webhooks get it, and as it is kept. Fields are only ever added to this version. */
export interface AlertMessage {
  readonly schemaVersion: 1;
  /** `alt_…`: the same on every way and at every attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly kind: AlertKind;
  /** ISO 8601, UTC; the same moment as `atMs`. */
  readonly at: string;
  readonly atMs: number;
  readonly subject: string;
  readonly text: string;
  readonly detail: AlertDetail;
  /** The machine that tells. */
  readonly host: string;
  /** Where its gateway listens; null when none runs there. */
  readonly gatewayUrl: string | null;
}

/** Who tells. */
export interface AlertSender {
  readonly host: string;
  readonly gatewayUrl: string | null;
}

export function messageOf({ kind, atMs, subject, text, detail }: Alert, sender: AlertSender): AlertMessage {
  const at = new Date(atMs).toISOString();
  const { host, gatewayUrl } = sender;
  return { schemaVersion: 1, id: newAlertId(), kind, at, atMs, subject, text, detail, host, gatewayUrl };
}
