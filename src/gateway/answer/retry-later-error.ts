import { type ErrorCode, MoltbotError } from '../../core/errors.ts';

/** A refusal that will have passed in so many seconds: clients may come again, and are told when. */
export class RetryLaterError extends MoltbotError {
  readonly retryAfterSeconds: number;

  constructor(code: ErrorCode, message: string, gate: string, retryAfterSeconds: number) {
    super(code, message, { hint: `Try again in ${retryAfterSeconds} s.`, gate });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
