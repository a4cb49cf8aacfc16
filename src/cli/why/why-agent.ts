import type { App, Stores } from '../../app.ts';
import { printable } from '../../core/text.ts';
import { formatTime } from '../../core/time.ts';
import { unusableProfiles } from '../../rotation/describe.ts';
import { agentOption } from '../../rotation/messages.ts';
import { pauseOf } from '../../status/agent-pause.ts';
import { gatesOf, stopping } from '../../status/gates.ts';
import { openingCommand } from '../../status/opening-command.ts';
import { providerStatus } from '../../status/provider-status.ts';
import { type StatusFacts, statusFacts } from '../../status/status-facts.ts';
import type { StoryItem } from '../../status/story.ts';
import { usedUpBudget } from '../../status/used-up-budget.ts';
import { dayOf, sentenceOf } from '../audit/sentence.ts';
import type { AgentWhy, Stop } from './agent-why.ts';
import { stopByCredentials } from './credential-stop.ts';

/** Reads only: no vault, no network, no gateway is needed. */
export function whyAgent(app: App, agentId: string): AgentWhy {
  const facts = statusFacts(app, agentId);
  const stores = app.storesForReading();
  const closed = closedGates(facts);
  const stop = closed.length > 0 ? firstStop(facts, stores, closed) : undefined;
  return {
    agentId,
    usable: stop === undefined,
    gate: stop?.gate ?? null,
    stopping: closed.map(({ name }) => name),
    pause: pauseOf(facts),
    cause: stop?.cause ?? lastTrouble(stores, agentId),
    nextAt: stop?.nextAt ?? null,
    unusableProfiles: unusableProfiles(facts.states, facts.nowMs, agentId),
    command: stop?.command ?? `moltbot run${agentOption(agentId)} -- claude`,
  };
}

type Closed = Stop['gate'];

/** Before all others what lets an agent start at all: that it is there, and that there is something to serve it. */
function closedGates(facts: StatusFacts): Closed[] {
  const providers = facts.rosters.map(({ provider, roster }) => providerStatus(facts, provider, roster));
  const stops = stopping(gatesOf(facts, providers), facts.inUse).map(({ name, why }) => ({ name, why }));
  if (!facts.standing) return stops.sort((a, b) => Number(b.name === 'agent') - Number(a.name === 'agent'));
  const why = `There is no credential for agent "${facts.agentId}" and no default model.`;
  return facts.inUse.length === 0 ? [{ name: 'credential', why }, ...stops] : stops;
}

function firstStop(facts: StatusFacts, stores: Stores | undefined, closed: readonly Closed[]): Stop {
  const gate = closed[0]!;
  const onboard = `moltbot onboard${agentOption(facts.agentId)}`;
  if (gate.name === 'credential') return { gate, cause: null, nextAt: null, command: onboard };
  if (gate.name.startsWith('credential:')) return stopByCredentials(facts, closed);
  const command = openingCommand(facts, gate.name) ?? `moltbot gates --agent ${facts.agentId}`;
  const nextAt = gate.name === 'budget' ? (usedUpBudget(facts)?.window.endMs ?? null) : null;
  return { gate, cause: causeOf(facts, stores, gate.name), nextAt, command };
}

function causeOf(facts: StatusFacts, stores: Stores | undefined, gate: string): AgentWhy['cause'] {
  const { standing } = facts;
  if (gate === 'budget') return usedUpSince(facts);
  const pause = gate === 'agent' ? standing?.pause : undefined;
  if (pause) {
    const by = printable(pause.by.replace(/^person:/, ''));
    return { at: pause.sinceMs, sentence: `Paused at ${formatTime(pause.sinceMs)} by ${by}.` };
  }
  return gate === 'gateway' ? lastRun(stores) : null;
}

function usedUpSince(facts: StatusFacts): AgentWhy['cause'] {
  const at = usedUpBudget(facts)?.usedUpSinceMs ?? null;
  return at === null ? null : { at, sentence: `It was used up at ${formatTime(at)}.` };
}

/** How the last gateway ended: one that was killed has said nothing. */
function lastRun(stores: Stores | undefined): AgentWhy['cause'] {
  const [started, stopped] = [stores?.audit.newestOf('gateway.started'), stores?.audit.newestOf('gateway.stopped')];
  if (!started) return null;
  if (stopped && stopped.seq > started.seq)
    return { at: stopped.atMs, sentence: `The last one stopped at ${formatTime(stopped.atMs)}.` };
  const sentence = `The last one started at ${formatTime(started.atMs)} and ended without stopping properly.`;
  return { at: started.atMs, sentence };
}

/** The agent's newest request, if it was refused or ended in an error. */
function lastTrouble(stores: Stores | undefined, agentId: string): AgentWhy['cause'] {
  const request = stores?.ledger.newest({ agentId, limit: 1 })[0];
  const refusal = stores?.audit.newestOf('request.refused', agentId);
  const item: StoryItem | undefined =
    refusal && refusal.atMs >= (request?.admittedAtMs ?? 0)
      ? { kind: 'decision', atMs: refusal.atMs, row: refusal }
      : request && { kind: 'request', atMs: request.admittedAtMs, row: request };
  if (!item || (item.kind === 'request' && isFine(item.row.outcome))) return null;
  return { at: item.atMs, sentence: `${dayOf(item.atMs)} ${sentenceOf(item)}.` };
}

function isFine(outcome: string | null): boolean {
  return outcome === null || outcome === 'ok' || outcome === 'client_left';
}
