import type { Admission, Booking, Completion, Held } from './ledger-row.ts';
import { promptTokens } from './usage/usage.ts';

type Ended = Pick<Completion, 'status' | 'outcome'> & {
  readonly booking: Booking | null;
  /** The provider said nothing of what was used, or too little: the booking is our guess. */
  readonly isGuessed: boolean;
};

export const NOT_HELD: Held = { heldNanoUsd: null, heldTokens: null };

/**
 * What of a reservation stays charged to the budgets, beside what was booked: all of it where nothing is known of an
 * answer that may be billed, the dollars where what was used has no price, and what a guess falls short of it.
 */
export function heldOf({ reservedNanoUsd, reservedTokens }: Admission, ended: Ended): Held {
  const { booking, isGuessed } = ended;
  if (!booking) {
    return isBillable(ended) ? { heldNanoUsd: reservedNanoUsd, heldTokens: reservedTokens } : NOT_HELD;
  }
  if (isGuessed) {
    return {
      heldNanoUsd: beyond(reservedNanoUsd, booking.costNanoUsd ?? 0),
      heldTokens: beyond(reservedTokens, promptTokens(booking) + booking.outputTokens),
    };
  }
  return booking.costNanoUsd === null ? { ...NOT_HELD, heldNanoUsd: reservedNanoUsd } : NOT_HELD;
}

/** An error is not charged for, nor what never got to the provider; anything else may be. */
function isBillable({ status, outcome }: Ended): boolean {
  return status === null ? outcome !== 'unreachable' : status >= 200 && status < 300;
}

/**
 * What an answer that is fetched later takes back of what stayed charged when it was asked for: then the two are charged
 * the dearer of both. Never more than it is booked with, so that no budget has more than before.
 */
export function takenBack({ heldNanoUsd, heldTokens }: Held, booking: Booking): Held {
  return {
    heldNanoUsd: lesser(heldNanoUsd, booking.costNanoUsd ?? 0),
    heldTokens: lesser(heldTokens, promptTokens(booking) + booking.outputTokens),
  };
}

function lesser(held: number | null, booked: number): number | null {
  return !held || booked === 0 ? null : -Math.min(held, booked);
}

function beyond(reserved: number | null, booked: number): number | null {
  return reserved === null || reserved <= booked ? null : reserved - booked;
}
