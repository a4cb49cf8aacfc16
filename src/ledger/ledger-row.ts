import type { UsageState } from './usage/usage.ts';

/** How an attempt ended: what `rotation/outcome.ts` made of the answer, or why there is no whole one. */
export type LedgerOutcome =
  | 'ok'
  | 'rate_limited'
  | 'billing'
  | 'auth'
  | 'model_denied'
  | 'wrong_client'
  | 'overloaded'
  | 'server_error'
  | 'unreachable'
  | 'rejected'
  /** Upstream ended it badly, or fell silent. */
  | 'broken'
  /** The client went away. */
  | 'client_left'
  /** The gateway ended it: a revocation, a removed credential, a stop. */
  | 'cut'
  /** The gateway died while it was under way. */
  | 'interrupted';

/** What is known when an attempt is let out. */
export interface Admission {
  readonly requestId: string;
  /** 1 for the first attempt of a request. */
  readonly attempt: number;
  readonly admittedAtMs: number;
  readonly agentId: string;
  readonly accessor: string;
  readonly session: string;
  readonly profileAgentId: string;
  readonly profileId: string;
  readonly provider: string;
  readonly route: string;
  /** As the client spelt it. */
  readonly modelAsked: string | null;
  /** As it goes upstream. */
  readonly modelServed: string | null;
  readonly isStream: boolean;
  /** `x-moltbot-label-*`, as JSON. */
  readonly labels: string | null;
  /** It goes out with a subscription's token: its answer costs nothing more. */
  readonly isSubscription: boolean;
  /** Of the access token: what budgets with a label go by. */
  readonly tokenLabel: string | null;
  /** What stays charged to budgets when nothing is ever heard of the answer; null: no budget applies. */
  readonly reservedNanoUsd: number | null;
  readonly reservedTokens: number | null;
  /** The worst case, of which the reservation is all or a part. */
  readonly boundNanoUsd: number | null;
  readonly boundTokens: number | null;
}

/** What an answer used and cost, on the provider's word. */
export interface Booking {
  readonly usageState: UsageState;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  /** Those of `outputTokens` that were reasoning. */
  readonly reasoningTokens: number;
  readonly webSearches: number;
  /** What the price depends on, in the provider's words; null: the ordinary one. */
  readonly serviceTier: string | null;
  readonly inferenceGeo: string | null;
  readonly speed: string | null;
  /** The provider's own figure (xAI), in 10⁻¹⁰ dollars. */
  readonly costTicks: number | null;
  /** Null: no price is known. */
  readonly costNanoUsd: number | null;
  /** Which figures of which price list the cost is from; null: the provider's own, or there is none. */
  readonly priceVersion: string | null;
}

/** What stays charged to budgets beside the booking, because what the answer used or cost never came (`held.ts`). */
export interface Held {
  /** Null: nothing. */
  readonly heldNanoUsd: number | null;
  readonly heldTokens: number | null;
}

/** What is known when it is over. */
export interface Completion extends Held {
  readonly firstByteAtMs: number | null;
  readonly endedAtMs: number;
  /** The upstream's; null where none came. */
  readonly status: number | null;
  readonly outcome: LedgerOutcome;
  /** Of the body, to the client. */
  readonly sentBytes: number;
  /** The answer came from a simulator: nothing of it is real. */
  readonly isSimulated: boolean;
  /** Null: nothing was used that anybody is charged for. */
  readonly booking: Booking | null;
}

/** A row as lists show it; the completion's fields are null while it is under way. */
export interface LedgerRow extends Admission, Held {
  readonly id: number;
  readonly firstByteAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly status: number | null;
  readonly outcome: LedgerOutcome | null;
  readonly sentBytes: number;
  readonly isSimulated: boolean;
  readonly booking: Booking | null;
}

/** A completed row with its place in the chain of completions. */
export interface CompletedRow extends LedgerRow {
  readonly completion: number;
  readonly digest: Uint8Array;
}
