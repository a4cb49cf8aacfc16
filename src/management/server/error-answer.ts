import { isMoltbotError, MoltbotError } from '../../core/errors.ts';
import { InvalidFieldsError } from './check-input.ts';
import { MethodNotAllowedError } from './method-not-allowed.ts';
import { jsonAnswer, type PlainAnswer } from './plain-answer.ts';

/** What failed, as `{ "detail": … }`: a sentence, or with 422 one item per field. */
export function errorAnswer(error: MoltbotError, requestId: string): PlainAnswer {
  const detail = error instanceof InvalidFieldsError ? error.faults : sentenceOf(error);
  return jsonAnswer(error.httpStatus, { detail }, requestId, {
    'x-moltbot-error': error.code,
    ...(error instanceof MethodNotAllowedError && { allow: error.allow }),
    ...(error.httpStatus === 401 && { 'www-authenticate': 'Bearer realm="moltbot"' }),
  });
}

/** One of ours; anything else is a bug, and its text may hold anything. */
export function asMoltbotError(error: unknown): MoltbotError {
  return isMoltbotError(error)
    ? error
    : new MoltbotError('INTERNAL', 'Something went wrong inside the gateway.', { hint: 'See: moltbot gateway logs' });
}

function sentenceOf({ message, hint }: MoltbotError): string {
  return hint ? `${message} ${hint}` : message;
}
