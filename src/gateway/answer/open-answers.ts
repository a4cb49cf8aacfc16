import { MoltbotError } from '../../core/errors.ts';
import { draining } from '../admit/draining.ts';

/** Why an answer is ended before its time. */
export type CutCause = 'revoked' | 'paused' | 'removed' | 'stopping' | 'expired';
export type CutAnswer = (cause: CutCause) => void;

/** A request that is being served, as the watch over tokens sees it. */
export interface OpenAnswer {
  readonly accessor: string;
  readonly agentId: string;
  readonly expiresAtMs: number;
  /** The profile that was asked last, by its owner and the owner's name for it; undefined also for one without a record. */
  readonly profile: { readonly agentId: string; readonly profileId: string } | undefined;
  readonly cut: CutAnswer;
}

/**
 * The requests being served: what a revoked token, a removed agent or a stopping gateway cuts. One is added and removed
 * per request, so it is a plain set.
 */
export class OpenAnswers {
  readonly #answers = new Set<OpenAnswer>();

  get size(): number {
    return this.#answers.size;
  }

  add(answer: OpenAnswer): void {
    this.#answers.add(answer);
  }

  delete(answer: OpenAnswer): void {
    this.#answers.delete(answer);
  }

  /** Cuts every answer for which `causeOf` gives a cause. */
  cutWhere(causeOf: (answer: OpenAnswer) => CutCause | undefined): void {
    for (const answer of [...this.#answers]) {
      const cause = causeOf(answer);
      if (cause !== undefined) answer.cut(cause);
    }
  }
}

/** The error for a request that is cut before anything of its answer went out; `providerId` is the one asked last. */
export function cutError(cause: CutCause, providerId: string | undefined): MoltbotError {
  if (cause === 'stopping') return draining();
  if (cause === 'expired') {
    return new MoltbotError('TOKEN_EXPIRED', 'This moltbot access token expired while the answer was under way.', {
      hint: 'Get a new one: moltbot get <provider>',
    });
  }
  if (cause === 'paused') {
    return new MoltbotError('AGENT_PAUSED', 'This agent was paused by a person while the answer was under way.', {
      hint: 'Ask the person who runs this gateway.',
      gate: 'agent',
    });
  }
  if (cause === 'removed') {
    return new MoltbotError(
      'NO_CREDENTIALS',
      'The credential that was to serve this request was removed or is no longer granted.',
      {
        hint: 'Send the request again.',
        gate: providerId && `credential:${providerId}`,
      },
    );
  }
  return new MoltbotError('TOKEN_REVOKED', 'This moltbot access token was revoked.', {
    hint: 'Ask the person who runs this gateway for a new one.',
  });
}
