import type { Standing } from '../../agents/decide.ts';
import type { Policy } from '../../agents/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import { RetryLaterError } from '../answer/retry-later-error.ts';

/** Whose requests are counted together, and how many there may be. */
export interface Limited {
  readonly key: string;
  /** Begins a sentence: `Agent "reviewer"`. */
  readonly who: string;
  readonly requestsPerMinute: number | undefined;
  /** Requests under way at the same time. */
  readonly concurrency: number | undefined;
}

interface Count {
  underWay: number;
  /** When each request of the last minute was let in, oldest first; as many as the limit asks for. */
  readonly times: number[];
}

/**
 * Requests per minute and at the same time, kept in memory: a restart begins a new minute. The minute slides, so no
 * sixty seconds ever hold more than the limit. A request that is refused counts nowhere.
 */
export class Limits {
  readonly #counts = new Map<string, Count>();

  /** Lets a request in everywhere or nowhere; what it gives back must be called once when the request has ended. */
  enter(everyone: readonly Limited[], nowMs: number): () => void {
    const reached = this.reached(everyone, nowMs);
    if (reached) throw reached;
    const limited = everyone.filter((each) => each.requestsPerMinute ?? each.concurrency);
    const counts = limited.map(({ key }) => this.#countOf(key));
    for (const [at, { requestsPerMinute }] of limited.entries()) {
      counts[at]!.underWay += 1;
      if (requestsPerMinute !== undefined) counts[at]!.times.push(nowMs);
    }
    return () => {
      for (const count of counts) count.underWay -= 1;
    };
  }

  /** The limit that would stop a request now, or undefined. */
  reached(everyone: readonly Limited[], nowMs: number): RetryLaterError | undefined {
    for (const each of everyone) {
      const count = this.#counts.get(each.key);
      const reached = count && limitReached(each, count, nowMs);
      if (reached) return reached;
    }
    return undefined;
  }

  /** Forgets who has asked for nothing in the last minute. */
  prune(nowMs: number): void {
    for (const [key, { underWay, times }] of this.#counts) {
      if (underWay === 0 && !times.some((atMs) => nowMs - atMs < MINUTE_MS)) this.#counts.delete(key);
    }
  }

  #countOf(key: string): Count {
    const known = this.#counts.get(key);
    if (known) return known;
    const count: Count = { underWay: 0, times: [] };
    this.#counts.set(key, count);
    return count;
  }
}

function limitReached(limit: Limited, count: Count, nowMs: number): RetryLaterError | undefined {
  const { who, requestsPerMinute, concurrency } = limit;
  if (concurrency !== undefined && count.underWay >= concurrency)
    return refusal(`${who} is at its limit of ${concurrency} at a time.`, 1);
  dropEnded(count.times, nowMs);
  if (requestsPerMinute === undefined || count.times.length < requestsPerMinute) return undefined;
  const freeAtMs = count.times.at(-requestsPerMinute)! + MINUTE_MS;
  const waitSeconds = Math.max(1, Math.ceil((freeAtMs - nowMs) / SECOND_MS));
  return refusal(`${who} is at its limit of ${requestsPerMinute} a minute.`, waitSeconds);
}

function refusal(message: string, retryAfterSeconds: number): RetryLaterError {
  return new RetryLaterError('LIMIT_REACHED', message, 'limit', retryAfterSeconds);
}

/** Keeps the last minute. What a clock that was set back left in the future must not hold anybody up. */
function dropEnded(times: number[], nowMs: number): void {
  while (times.length > 0 && times.at(-1)! > nowMs) times.pop();
  const kept = times.findIndex((atMs) => nowMs - atMs < MINUTE_MS);
  if (kept !== 0) times.splice(0, kept === -1 ? times.length : kept);
}

/** The limits a request of this token counts against: its agent's and its own. */
export function limitsOn({ agent, token }: Standing & { readonly token: { accessor: string; policy: Policy } }) {
  return [
    limitedBy(`agent ${agent.id}`, `Agent "${agent.id}"`, agent.policy),
    limitedBy(`token ${token.accessor}`, 'This access token', token.policy),
  ];
}

function limitedBy(key: string, who: string, { requestsPerMinute, concurrency }: Policy): Limited {
  return { key, who, requestsPerMinute, concurrency };
}
