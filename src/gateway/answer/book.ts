import type { Config } from '../../config/schema.ts';
import { bookingOf, bookingOfAll } from '../../ledger/price-usage.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';

/** Puts what an answer used and cost into its entry, which is about to be closed. */
export function book(
  { resourceId }: ProxyRequest,
  { entry, meter, batchMeter }: JudgedAnswer,
  isWhole: boolean,
  own: Config['models']['prices'],
): void {
  const { admission } = entry;
  if (meter) {
    const reading = meter.reading(isWhole);
    entry.booking = bookingOf(reading, own, admission);
    entry.isGuessed = reading.state === 'estimated';
  }
  // Results that broke off will be fetched again, and are booked when they come whole.
  if (!batchMeter || !isWhole) return;
  entry.booking = bookingOfAll(batchMeter.readings(), own, admission);
  entry.bookedOnce = `${admission.provider}/${resourceId}`;
}
