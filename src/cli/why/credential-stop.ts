import type { Blocked } from '../../rotation/choose.ts';
import { describeState, nextCommand } from '../../rotation/describe.ts';
import { agentOption } from '../../rotation/messages.ts';
import { type SpendLimitPause, spendLimitPauses } from '../../status/agent-pause.ts';
import { nextChoice } from '../../status/provider-status.ts';
import { resumeCommand } from '../../status/spend-limit-text.ts';
import type { StatusFacts } from '../../status/status-facts.ts';
import type { Stop } from './agent-why.ts';

const PREFIX = 'credential:';

type End = Pick<Stop, 'cause' | 'nextAt' | 'command'>;

/** Where only credentials stop it: of the providers in use the one that may serve soonest. */
export function stopByCredentials(facts: StatusFacts, closed: readonly Stop['gate'][]): Stop {
  const stops = closed.filter(({ name }) => name.startsWith(PREFIX)).map((gate) => stopBy(facts, gate));
  return stops.reduce((soonest, each) => (endOf(each) < endOf(soonest) ? each : soonest));
}

function endOf({ nextAt }: Stop): number {
  return nextAt ?? Number.POSITIVE_INFINITY;
}

function stopBy(facts: StatusFacts, gate: Stop['gate']): Stop {
  const id = gate.name.slice(PREFIX.length);
  const known = facts.rosters.find(({ provider }) => provider.id === id);
  const choice = known && nextChoice(facts, known.provider, known.roster);
  const pause = spendLimitPauses(facts).find(({ provider }) => provider === id);
  const all = choice?.kind === 'blocked' ? choice.blocked : [];
  const unpaid = all.find(({ state }) => state.reason === 'billing');
  if (pause && unpaid) return { gate, ...endOfPause(pause, unpaid, facts) };
  const [blocked] = all;
  if (blocked) return { gate, ...endOfState(blocked, facts.nowMs) };
  const expired = choice?.kind === 'none' ? choice.expired[0] : undefined;
  const add = `moltbot models auth add --provider ${id}${agentOption(facts.agentId)}`;
  return { gate, cause: null, nextAt: null, command: expired ? replaceCommand(expired, facts.agentId) : add };
}

/** It may end with the next test, which one command has made at once. */
function endOfPause(pause: SpendLimitPause, unpaid: Blocked, { agentId, nowMs }: StatusFacts): End {
  const { cause } = endOfState(unpaid, nowMs);
  return { cause, nextAt: pause.nextTestAt ?? pause.until, command: resumeCommand(agentId) };
}

function endOfState({ state, readyAtMs }: Blocked, nowMs: number): End {
  const cause = { at: state.sinceMs, sentence: describeState(state, nowMs) };
  return { cause, nextAt: readyAtMs ?? null, command: nextCommand(state) };
}

/** A granted one is its owner's to replace. */
function replaceCommand(servingId: string, agentId: string): string {
  const slash = servingId.indexOf('/');
  const owner = slash === -1 ? agentId : servingId.slice(0, slash);
  return `moltbot models auth replace ${servingId.slice(slash + 1)}${agentOption(owner)}`;
}
