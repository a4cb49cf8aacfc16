import type { RetryAdvice } from '../../rotation/nothing-usable.ts';
import type { Exchange } from '../exchange.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import { clientHeaders } from '../shape/headers.ts';
import type { IdleTicker } from '../stream/idle-ticker.ts';
import type { CutAnswer } from './open-answers.ts';

/** How the giving of an answer ended, for the record. */
export type Ending = 'complete' | 'upstream_error' | 'broken' | 'silent' | 'client_gone' | 'cut';

/** What the relays need beside the answer itself. */
export interface Giving {
  readonly keepAliveAfterMs: number;
  readonly silenceMs: number;
  readonly ticker: IdleTicker;
  /** Set when another model than the requested one answered. */
  readonly fallbackModel: string | undefined;
  /** What stands in place of a passed 429's own `retry-after`: clients hang on long ones. */
  readonly retryAdvice: RetryAdvice | undefined;
  /** Called with the id of what was created upstream, before the client sees the end of the answer. */
  readonly onCreated: ((resourceId: string) => void) | undefined;
  /** For a list of models: which of them this request's owner may use. Undefined: all. */
  readonly mayList: ((model: string) => boolean) | undefined;
  /** Where the client reached us: stands in place of the provider in links to batch results. */
  readonly ownPrefix: string;
  /**
   * Writes down how the answer ended; `then` goes on once that is committed. Called before the client sees the end: where
   * it could not be written, the client must not see a whole answer.
   */
  readonly close: (ending: Ending, then: (isWritten: boolean) => void) => void;
  /** Lets a revocation end this answer. */
  readonly onCut: (cut: CutAnswer) => void;
}

/** Writes the head: upstream's headers (redacted by `attempt`) without what must not pass, and ours. */
export function writeHead(
  { response, requestId }: Exchange,
  judged: JudgedAnswer,
  giving: Giving,
  changes: { keepsLength: boolean; contentLength?: number; isDecoded?: boolean },
): void {
  const { answer } = judged;
  const kept = clientHeaders(answer.rawHeaders, { keepsLength: changes.keepsLength });
  const headers: string[] = [];
  for (let at = 0; at < kept.length; at += 2) {
    const name = kept[at]!.toLowerCase();
    if (changes.isDecoded && name === 'content-encoding') continue;
    if (giving.retryAdvice && (name.startsWith('retry-after') || name === 'x-should-retry')) continue;
    headers.push(kept[at]!, kept[at + 1]!);
  }
  const advice = giving.retryAdvice;
  if (advice && !advice.mayRetry) headers.push('x-should-retry', 'false');
  if (advice?.retryAfterSeconds !== undefined) headers.push('retry-after', String(advice.retryAfterSeconds));
  if (changes.contentLength !== undefined) headers.push('content-length', String(changes.contentLength));
  if (giving.fallbackModel !== undefined) headers.push('x-moltbot-model', giving.fallbackModel);
  headers.push('x-moltbot-request-id', requestId);
  response.writeHead(answer.status, headers);
}
