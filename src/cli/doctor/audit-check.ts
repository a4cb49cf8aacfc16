import type { Stores } from '../../app.ts';
import { lastSealed } from '../../audit/head.ts';
import { verifyChain } from '../../audit/verify.ts';
import { formatDuration, HOUR_MS } from '../../core/time.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** The end is looked at here; the whole takes longer, and has a command of its own. */
const LOOKED_AT_ROWS = 500;
const EXIT_UNAVAILABLE = 69;

/** The newest audit rows are as they were sealed, and none waits long for its seal. Asks nobody for a passphrase. */
export async function checkAudit(context: DoctorContext): Promise<Finding[]> {
  const stores = context.app.storesForReading();
  if (!stores) return [];
  return [...waiting(stores, context.app.now()), ...(await endOfChain(context, stores))];
}

function waiting({ database }: Stores, nowMs: number): Finding[] {
  const { count, sinceMs } = database.get<{ count: number; sinceMs: number | null }>(
    'SELECT count(*) AS count, min(at_ms) AS sinceMs FROM audit WHERE mac IS NULL',
  )!;
  if (sinceMs === null || nowMs - sinceMs < HOUR_MS) return [];
  return [
    {
      check: 'audit',
      level: 'warning',
      message: `${count} ${count === 1 ? 'row of the audit waits' : 'rows of the audit wait'} for a seal since ${formatDuration(nowMs - sinceMs)}: a change of them would not show.`,
      remedy: 'Start the gateway where the vault is open; it seals them: moltbot gateway start',
    },
  ];
}

async function endOfChain({ app }: DoctorContext, { database }: Stores): Promise<Finding[]> {
  const last = lastSealed(database);
  if (app.config().config.vault === undefined) return [];
  // A vault that does not open is another check's to tell.
  if ((await app.vault().condition()).condition !== 'ready') return [];
  const key = await app.auditKey().read();
  const { fault } = verifyChain(database, key, { fromSeq: (last?.seq ?? 1) - LOOKED_AT_ROWS });
  if (!fault && !last) return [];
  if (!fault)
    return [{ check: 'audit', level: 'ok', message: 'The newest rows of the audit are as they were sealed.' }];
  const message =
    key || !last
      ? `The audit is broken at row ${fault.seq}.`
      : 'The key that sealed the audit is not in the vault any more.';
  return [{ check: 'audit', level: 'problem', message, remedy: 'moltbot audit verify', exitCode: EXIT_UNAVAILABLE }];
}
