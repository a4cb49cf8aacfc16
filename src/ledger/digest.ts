import { hash } from 'node:crypto';
import { BOOKING_COLUMNS } from './booking-columns.ts';
import type { CompletedRow } from './ledger-row.ts';

/** What stands before the first completion. */
export const DIGEST_START: Uint8Array = Buffer.alloc(32);

/**
 * SHA-256 over a completed row and the digest of the completion before it. Without a key: who can write to the database
 * can make it again, but then the anchors in the audit, which are sealed, do not fit any more.
 */
export function digestOf(row: Omit<CompletedRow, 'digest'>, previous: Uint8Array): Buffer {
  const content = [
    [row.completion, row.id, row.requestId, row.attempt, row.admittedAtMs, row.firstByteAtMs, row.endedAtMs],
    [row.agentId, row.accessor, row.session, row.profileAgentId, row.profileId, row.provider, row.route],
    [row.modelAsked, row.modelServed, row.isStream, row.status, row.outcome, row.sentBytes, row.labels],
    ...moneyOf(row),
    ...limitsOf(row),
    Buffer.from(previous).toString('base64'),
  ];
  return hash('sha256', JSON.stringify(content), 'buffer');
}

/** Nothing for a row that says nothing of money: so the digests of rows from before it was written down stay true. */
function moneyOf({ booking, isSubscription, isSimulated }: Omit<CompletedRow, 'digest'>): unknown[] {
  if (!booking && !isSubscription && !isSimulated) return [];
  return [[isSubscription, isSimulated, ...BOOKING_COLUMNS.map(([, field]) => booking?.[field] ?? null)]];
}

/** Nothing for a row that says nothing of budgets, for the same reason. */
function limitsOf(row: Omit<CompletedRow, 'digest'>): unknown[] {
  const { tokenLabel, reservedNanoUsd, reservedTokens, boundNanoUsd, boundTokens, heldNanoUsd, heldTokens } = row;
  const limits = [tokenLabel, reservedNanoUsd, reservedTokens, boundNanoUsd, boundTokens, heldNanoUsd, heldTokens];
  return limits.every((limit) => limit === null) ? [] : [limits];
}
