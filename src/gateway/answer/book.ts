import type { Config } from '../../config/schema.ts';
import type { LedgerEntry } from '../../ledger/ledger.ts';
import type { Admission } from '../../ledger/ledger-row.ts';
import { bookingOf, bookingOfAll } from '../../ledger/price-usage.ts';
import type { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';

/** Puts what an answer used and cost into its entry, which is about to be closed. */
export function book(
  { resourceId }: ProxyRequest,
  { entry, meter, resultsMeter }: JudgedAnswer,
  isWhole: boolean,
  own: Config['models']['prices'],
): void {
  const { admission } = entry;
  if (meter) bookAnswer(entry, meter, isWhole, own);
  // Results that broke off will be fetched again, and are booked when they come whole.
  if (!resultsMeter || !isWhole) return;
  entry.booking = bookingOfAll(resultsMeter.readings(), own, admission);
  entry.bookedOnce = `${admission.provider}/${resourceId}`;
}

/** A response that goes on in the background is booked when it is fetched, once: also after it was told here. */
function bookAnswer(entry: LedgerEntry, meter: UsageMeter, isWhole: boolean, own: Config['models']['prices']): void {
  const background = meter.background();
  if (background?.isPending) {
    entry.bookedLater = `${entry.admission.provider}/${background.id}`;
    return;
  }
  const reading = meter.reading(isWhole);
  entry.booking = bookingOf(reading, own, entry.admission);
  // Of one that broke off nobody sees what was thought, or written after the last event: a hard budget goes on holding it.
  entry.isGuessed = reading.state === 'estimated' || (reading.state === 'partial' && holdsWorstCase(entry.admission));
  if (background) entry.bookedOnce = `${entry.admission.provider}/${background.id}`;
}

function holdsWorstCase({ reservedNanoUsd, reservedTokens, boundNanoUsd, boundTokens }: Admission): boolean {
  return reservedNanoUsd === boundNanoUsd && reservedTokens === boundTokens;
}
