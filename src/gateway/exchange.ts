import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MoltbotError } from '../core/errors.ts';
import { newRequestId } from '../core/ids.ts';
import type { Dialect } from '../providers/provider.ts';
import { answerOf, sendOwnAnswer } from './answer/error-answer.ts';
import type { ServingProfile } from './choose/roster.ts';
import { Cancel } from './forward/forward.ts';
import { headerOf } from './headers/raw-headers.ts';

/** One request and its answer, from the first byte in to the last byte out. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId = newRequestId();
  readonly startedAtMs: number;
  /** Told when the client left or was cut: whatever is under way for it stops. */
  readonly cancel = new Cancel();
  /** Who asks for what, as far as it is known: for the record of a refusal. */
  agentId: string | undefined;
  providerId: string | undefined;
  routePath: string | undefined;
  /** Times a profile was asked for it. */
  attempts = 0;
  /** Whose credential is being used for it right now: when that is removed, the request is cut. */
  askedProfile: ServingProfile | undefined;
  /** Ended by us before an answer was given: a revocation, a removed credential, a stop. */
  isRefused = false;
  /** What errors are written in; the best guess until the route is known. */
  dialect: Dialect;

  constructor(request: IncomingMessage, response: ServerResponse, nowMs: number) {
    this.request = request;
    this.response = response;
    this.startedAtMs = nowMs;
    this.dialect = headerOf(request.rawHeaders, 'anthropic-version') === undefined ? 'openai' : 'anthropic';
    response.on('close', () => {
      if (!response.writableFinished) this.cancel.cancel();
    });
  }

  /** Answers with an error of ours and stops whatever is under way. */
  refuse(error: MoltbotError): void {
    this.isRefused = true;
    sendOwnAnswer(this.response, this.dialect, answerOf(error, this.dialect), this.requestId);
    this.cancel.cancel();
  }

  /** Whether there is still somebody to answer. */
  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }
}
