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
}

/** What is known when it is over. */
export interface Completion {
  readonly firstByteAtMs: number | null;
  readonly endedAtMs: number;
  /** The upstream's; null where none came. */
  readonly status: number | null;
  readonly outcome: LedgerOutcome;
  /** Of the body, to the client. */
  readonly sentBytes: number;
}

/** A row as lists show it; the completion's fields are null while it is under way. */
export interface LedgerRow extends Admission {
  readonly id: number;
  readonly firstByteAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly status: number | null;
  readonly outcome: LedgerOutcome | null;
  readonly sentBytes: number;
}

/** A completed row with its place in the chain of completions. */
export interface CompletedRow extends LedgerRow {
  readonly completion: number;
  readonly digest: Uint8Array;
}
