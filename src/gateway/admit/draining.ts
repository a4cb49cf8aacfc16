import { MoltbotError } from '../../core/errors.ts';

/** A gateway that is stopping takes nothing new: DRAINING, with its gate. */
export function draining(): MoltbotError {
  return new MoltbotError('DRAINING', 'The gateway is stopping.', { hint: 'Try again in a moment.', gate: 'gateway' });
}
