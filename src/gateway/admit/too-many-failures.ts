import { MoltbotError } from '../../core/errors.ts';

/** For an address that guesses; `what` it guesses: "access token". THROTTLED. */
export function tooManyFailures(what: string): MoltbotError {
  return new MoltbotError('THROTTLED', `Too many requests with a wrong ${what}.`, {
    hint: 'Wait ten seconds, and send a valid one.',
  });
}
