import { createHmac } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { SECOND_MS } from '../core/time.ts';

export const SIGNATURE_HEADER = 'x-moltbot-signature';

/**
 * `t=<epoch seconds>,v1=<hex>`: HMAC-SHA-256 over `<t>.<body>` with the shared secret. The time is signed with the body,
 * so that a receiver can refuse what somebody recorded and sends again.
 */
export function signatureOf(body: string, secret: Secret, nowMs: number): string {
  const t = Math.floor(nowMs / SECOND_MS);
  const hex = createHmac('sha256', secret.reveal()).update(`${t}.${body}`).digest('hex');
  return `t=${t},v1=${hex}`;
}
