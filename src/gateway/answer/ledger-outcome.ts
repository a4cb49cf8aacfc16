import type { LedgerOutcome } from '../../ledger/ledger-row.ts';
import type { Outcome } from '../../rotation/types.ts';
import type { Exchange } from '../exchange.ts';
import type { Ending } from './answer-head.ts';

/** What the ledger says of an attempt that got no whole answer to give: `outcome` as the judge saw it. */
export function outcomeOfAttempt(outcome: Outcome, exchange: Exchange): LedgerOutcome {
  if (outcome !== 'client_gone') return outcome;
  return exchange.isRefused ? 'cut' : 'client_left';
}

/** What it says of an answer that was given to the client and ended so. */
export function outcomeOfEnding(ending: Ending, outcome: Outcome, exchange: Exchange): LedgerOutcome {
  switch (ending) {
    case 'complete':
      return outcomeOfAttempt(outcome, exchange);
    case 'upstream_error':
      return 'server_error';
    case 'broken':
    case 'silent':
      return 'broken';
    case 'client_gone':
      return 'client_left';
    case 'cut':
      return 'cut';
  }
}
