/** How many bytes at the start of a body are compared: enough for model, system prompt and first message. */
const COMPARED_BYTES = 1024;
const SESSIONS_KEPT = 10_000;

interface Run {
  length: number;
  head: Buffer;
  /** When each request of the run came, oldest first, at most `limit.requests` of them. */
  times: number[];
}

export interface BrakeLimit {
  readonly requests: number;
  readonly perMs: number;
}

/**
 * Stops a client that has lost its mind: one session sending the same request again and again, a little longer each
 * time (a client once sent 743 of them in two minutes after a broken stream). Equal or shorter requests do not count:
 * a script that asks the same thing in parallel is not a runaway.
 */
export class Brake {
  readonly #runs = new Map<string, Run>();

  /** True when this request is one too many. `key` names session and route. */
  isRunaway(key: string, body: Buffer, limit: BrakeLimit, nowMs: number): boolean {
    const head = body.subarray(0, COMPARED_BYTES);
    const run = this.#runs.get(key);
    this.#runs.delete(key);
    const continues = run !== undefined && body.length > run.length && startsAlike(run.head, head);
    const times = continues ? run.times.filter((atMs) => nowMs - atMs < limit.perMs) : [];
    times.push(nowMs);
    // A copy: a slice would keep the whole body alive.
    this.#runs.set(key, { length: body.length, head: Buffer.from(head), times: times.slice(-limit.requests - 1) });
    if (this.#runs.size > SESSIONS_KEPT) this.#runs.delete(this.#runs.keys().next().value!);
    return times.length > limit.requests;
  }
}

/** Growing requests repeat their start; a short body may end inside the compared part. */
function startsAlike(before: Buffer, after: Buffer): boolean {
  const length = Math.min(before.length, after.length, COMPARED_BYTES) - 64;
  return length <= 0 ? before.length > 0 : before.subarray(0, length).equals(after.subarray(0, length));
}
