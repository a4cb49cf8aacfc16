import type { Config } from '../../../src/config/schema.ts';
import type { Database } from '../../../src/database/database.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import type { Admission, Booking } from '../../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../../src/ledger/ledger-store.ts';
import { bookingOf } from '../../../src/ledger/price-usage.ts';
import type { Usage } from '../../../src/ledger/usage/usage.ts';
import { NO_USAGE } from '../../../src/ledger/usage/usage.ts';
import { admission } from '../samples.ts';

/** A request: what of it was read and written, and whatever else is not as usual. */
export interface CachedRequest extends Partial<Admission> {
  readonly read?: number;
  readonly write5m?: number;
  readonly write1h?: number;
  readonly usage?: Partial<Usage>;
  readonly booking?: Booking | null;
  readonly isSimulated?: boolean;
}

/** Writes answers into the ledger as a gateway books them. */
export async function writeCached(
  database: Database,
  rows: readonly CachedRequest[],
  own: Config['models']['prices'] = {},
): Promise<void> {
  const ledger = new Ledger(database, new LedgerStore(database));
  await Promise.all(
    rows.map(async ({ read = 0, write5m = 0, write1h = 0, usage, booking, isSimulated = false, ...given }, n) => {
      const admitted = { ...admission(n + 1), ...given };
      const entry = await ledger.admit(admitted);
      const used = {
        ...NO_USAGE,
        cacheReadTokens: read,
        cacheWrite5mTokens: write5m,
        cacheWrite1hTokens: write1h,
        serviceTier: 'standard',
        ...usage,
      };
      const answer = { usage: used, model: undefined, state: 'reported' as const };
      entry.booking = booking === undefined ? bookingOf(answer, own, admitted) : booking;
      entry.isSimulated = isSimulated;
      await new Promise((done) =>
        ledger.close(entry, { outcome: 'ok', endedAtMs: admitted.admittedAtMs + 1_000 }, done),
      );
    }),
  );
}

// 6 × (12 × 100,000 + 66 × 1,000) tokens, of which an hour had kept 6 × (11 × 100,000 + 55 × 1,000).
const [WRITTEN, KEPT] = [7_596_000, 6_930_000];
const WAS = { cacheReadTokens: 0, cacheWriteTokens: WRITTEN, costNanoUsd: WRITTEN * 1_250, costUsd: '9.495000' };

/** The line of `lostEveryTime` in the advice, as JSON; its setting stands beside it. */
export const LOST_LINE = {
  model: 'anthropic/claude-haiku-4-5',
  requests: 72,
  known: 66,
  sessions: 6,
  unpriced: 0,
  was: WAS,
  with5m: WAS,
  with1h: {
    cacheReadTokens: KEPT,
    cacheWriteTokens: WRITTEN - KEPT,
    costNanoUsd: 2_025_000_000,
    costUsd: '2.025000',
  },
  cheaper: '1h',
};

/**
 * Six sessions of twelve requests, ten minutes apart and each before `endMs`: a prefix of 100,000 tokens that grows by
 * 1,000, written anew each time because five minutes are over.
 */
export function lostEveryTime(endMs: number, given: CachedRequest = {}): CachedRequest[] {
  return Array.from({ length: 72 }, (_, n) => ({
    session: `session-${n % 6}`,
    admittedAtMs: endMs - 720_000 * (12 - Math.floor(n / 6)) + (n % 6) * 1_000,
    write5m: 100_000 + Math.floor(n / 6) * 1_000,
    ...given,
  }));
}
