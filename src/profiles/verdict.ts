import type { Outcome } from '../rotation/types.ts';

/**
 * What a test call says about a credential. `valid` and `valid_unusable` (no credit, limited, its test model retired) may
 * be stored; `invalid` is refused for good; `unreachable` says nothing about it.
 */
export type Verdict = 'valid' | 'valid_unusable' | 'invalid' | 'unreachable';

/** What the answer to a test call was: its outcome, and whether a 200 had the fields it must have. */
export interface TestAnswer {
  readonly status: number;
  readonly outcome: Outcome;
  readonly hasExpectedFields: boolean;
}

/**
 * The verdict on one answer; `undecided` when the answer is about the request and not about the credential (the test
 * model was retired, the path is unknown): then the free model list decides.
 */
export function verdictOf({ status, outcome, hasExpectedFields }: TestAnswer): Verdict | 'undecided' {
  if (outcome === 'ok') return hasExpectedFields ? 'valid' : 'unreachable';
  // A provider that tells a subscription's owner from other clients has accepted the token.
  if (outcome === 'wrong_client') return 'valid';
  if (outcome === 'auth' || (outcome === 'rejected' && (status === 401 || status === 403))) return 'invalid';
  if (outcome === 'billing' || outcome === 'rate_limited') return 'valid_unusable';
  return outcome === 'model_denied' || outcome === 'rejected' ? 'undecided' : 'unreachable';
}

/** The verdict once the free model list has answered in place of an undecided test. */
export function verdictOfModelList(test: TestAnswer, listOutcome: Outcome): Verdict {
  if (listOutcome === 'ok') return test.outcome === 'model_denied' ? 'valid_unusable' : 'valid';
  if (listOutcome === 'auth') return 'invalid';
  return listOutcome === 'billing' || listOutcome === 'rate_limited' ? 'valid_unusable' : 'unreachable';
}

export function mayBeStored(verdict: Verdict): boolean {
  return verdict === 'valid' || verdict === 'valid_unusable';
}
