import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { USAGE_DAYS } from '../../src/database/usage-days.ts';
import { USAGE_QUARTERS } from '../../src/database/usage-quarters.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerOutcome } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { USAGE_GROUPS, usageReport } from '../../src/ledger/usage-report.ts';
import { auditBooks } from '../audit/samples.ts';
import { admission, BOOKING } from './samples.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 30);
const FIRST = Date.UTC(2026, 10, 1);

const tokens = fc.integer({ min: 0, max: 1_000_000 });
const entries = fc.record({
  agentId: fc.constantFrom('main', 'reviewer'),
  provider: fc.constantFrom('anthropic', 'xai'),
  modelServed: fc.constantFrom('claude-haiku-4-5', 'grok-4-fast', null),
  atMs: fc.integer({ min: 0, max: 50 * HOUR_MS }),
  isSubscription: fc.boolean(),
  isSimulated: fc.boolean(),
  tokenLabel: fc.constantFrom('ci', null),
  reservedNanoUsd: fc.option(tokens),
  reservedTokens: fc.option(tokens),
  isGuessed: fc.boolean(),
  /** `left`: the gateway dies before it ends. `lost`: its end cannot be written at first. */
  end: fc.constantFrom('ok', 'server_error', 'client_left', 'left', 'lost' as const),
  bookedOnce: fc.option(fc.constantFrom('anthropic/batch_1', 'anthropic/batch_2')),
  booking: fc.option(
    fc.record({ inputTokens: tokens, cacheReadTokens: tokens, costNanoUsd: fc.option(tokens) }).map((some) => ({
      ...BOOKING,
      ...some,
    })),
  ),
});
type Entry = typeof entries extends fc.Arbitrary<infer T> ? T : never;

/** Lives through those entries as a gateway does: admitted in one turn, ended in the next, killed, started again. */
async function live(books: ReturnType<typeof auditBooks>, given: readonly Entry[]): Promise<void> {
  const store = new LedgerStore(books.database);
  const ledger = new Ledger(books.database, store);
  const admitted = given.map(({ end, isGuessed, bookedOnce, booking, isSimulated, atMs, ...some }, n) =>
    ledger.admit({ ...admission(n), ...some, admittedAtMs: FIRST + atMs }),
  );
  ledger.flush();
  const open = await Promise.all(admitted);
  const close = (isLost: boolean) => {
    for (const [n, { end, isSimulated, isGuessed, booking, bookedOnce }] of given.entries()) {
      if (end === 'left' || (end === 'lost') !== isLost) continue;
      Object.assign(open[n]!, { isSimulated, isGuessed, booking, bookedOnce: bookedOnce ?? undefined });
      ledger.close(open[n]!, { outcome: isLost ? 'ok' : (end as LedgerOutcome), endedAtMs: FIRST + 60 * HOUR_MS });
    }
    ledger.flush();
  };
  close(false);
  books.database.exec("CREATE TRIGGER full BEFORE UPDATE ON ledger BEGIN SELECT RAISE(FAIL, 'no'); END");
  close(true);
  books.database.exec('DROP TRIGGER full');
  ledger.writeLate();
  ledger.flush();
  const next = new Ledger(books.database, store);
  const dead = store.open();
  next.closeInterrupted(dead.slice(1), FIRST + 61 * HOUR_MS);
}

describe('the sums by quarter', () => {
  it('equal a scan of all rows, also of repaired, late and once-only ones, and are those of a ledger that had none yet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entries, { maxLength: 40 }), async (given) => {
        using books = auditBooks();
        await live(books, given);
        const kept = books.database.all('SELECT * FROM usage_quarters');
        const days = books.database.all('SELECT * FROM usage_days');
        books.database.exec(`DROP TABLE usage_quarters; DROP TRIGGER ledger_counts_ended`);
        books.database.exec(USAGE_QUARTERS);
        expect(kept).toEqual(books.database.all('SELECT * FROM usage_quarters'));
        books.database.exec(`DROP TABLE usage_days;${USAGE_DAYS}`);
        expect(days).toEqual(books.database.all('SELECT * FROM usage_days'));
      }),
      { numRuns: 40 },
    );
  });

  it('give the report of the rows, from whichever moment on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entries, { maxLength: 40 }),
        fc.integer({ max: 60 * HOUR_MS }),
        async (given, backMs) => {
          using books = auditBooks();
          await live(books, given);
          const sinceMs = FIRST + backMs;
          const scan = books.database.get(
            `SELECT count(*) AS requests, coalesce(sum(input_tokens), 0) AS inputTokens,
             coalesce(sum(cost_nano_usd), 0) AS costNanoUsd, coalesce(sum(held_nano_usd), 0) AS heldNanoUsd,
             coalesce(sum(held_tokens), 0) AS heldTokens, count(coalesce(held_nano_usd, held_tokens)) AS held
           FROM ledger WHERE is_simulated = 0 AND admitted_at_ms >= ?`,
            sinceMs,
          );
          for (const by of USAGE_GROUPS) {
            expect(usageReport(books.database, { nowMs: NOW, sinceMs, by }).total).toMatchObject({ ...scan });
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
