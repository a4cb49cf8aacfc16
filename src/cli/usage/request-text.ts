import { formatTime } from '../../core/time.ts';
import { usd } from '../../core/usd.ts';
import type { Booking, LedgerRow } from '../../ledger/ledger-row.ts';
import { table } from '../base-command.ts';

/** The newest requests, one line each. */
export function requestsTable(rows: readonly LedgerRow[], whenEmpty: string): string {
  return table(
    ['TIME (UTC)', 'REQUEST', 'AGENT', 'MODEL', 'PROFILE', 'OUTCOME', 'STATUS', 'COST'],
    rows.map((row) => [
      new Date(row.admittedAtMs).toISOString().slice(0, 19).replace('T', ' '),
      row.requestId,
      row.agentId,
      row.modelServed ?? row.route,
      profileOf(row),
      outcomeOf(row),
      row.status === null ? '-' : String(row.status),
      costText(row),
    ]),
    whenEmpty,
  );
}

/** All that is known of one attempt. */
export function requestText(row: LedgerRow): string {
  const { booking } = row;
  const asked = row.modelAsked === row.modelServed ? '' : ` (asked: ${row.modelAsked ?? 'none'})`;
  const facts: [string, string][] = [
    ['request', `${row.requestId}, attempt ${row.attempt}`],
    ['agent', row.agentId],
    ['asked for', `${row.provider} ${row.route}${row.isStream ? ', as a stream' : ''}`],
    ['model', `${row.modelServed ?? 'none'}${asked}`],
    ['profile', profileOf(row)],
    ['let out', formatTime(row.admittedAtMs)],
    ['first byte', after(row, row.firstByteAtMs)],
    ['ended', after(row, row.endedAtMs)],
    ['outcome', `${outcomeOf(row)}${row.status === null ? '' : `, status ${row.status}`}`],
    ['sent', `${row.sentBytes.toLocaleString('en-US')} bytes`],
    ...(booking ? tokenFacts(booking) : []),
    ['cost', `${costText(row)}${booking?.priceVersion ? ` (price ${booking.priceVersion})` : ''}`],
    ...heldFacts(row),
    ...(row.labels === null ? [] : [['labels', row.labels] as [string, string]]),
  ];
  return table(
    ['', ''],
    facts.map(([name, value]) => [name, value]),
    '',
  ).trimStart();
}

function heldFacts({ heldNanoUsd, heldTokens }: LedgerRow): [string, string][] {
  const held = [
    ...(heldNanoUsd === null ? [] : [`$${usd(heldNanoUsd)}`]),
    ...(heldTokens === null ? [] : [`${heldTokens.toLocaleString('en-US')} tokens`]),
  ];
  return held.length === 0 ? [] : [['held', `${held.join(' and ')} stay charged to budgets: what it used never came`]];
}

function tokenFacts(booking: Booking): [string, string][] {
  const count = (tokens: number) => tokens.toLocaleString('en-US');
  const terms = [booking.serviceTier, booking.inferenceGeo, booking.speed].filter((term) => term !== null);
  return [
    ['input', `${count(booking.inputTokens)} tokens`],
    [
      'cache',
      `${count(booking.cacheReadTokens)} read, ${count(booking.cacheWrite5mTokens)} written for 5 m, ${count(booking.cacheWrite1hTokens)} for 1 h`,
    ],
    ['output', `${count(booking.outputTokens)} tokens, ${count(booking.reasoningTokens)} of them reasoning`],
    ...(booking.webSearches > 0 ? [['searches', String(booking.webSearches)] as [string, string]] : []),
    ['figures', [booking.usageState, ...terms].join(', ')],
  ];
}

/** `$0.019750`; in words where there is no such figure, or where it is not what it seems. */
export function costText({ booking, isSimulated, isSubscription }: LedgerRow): string {
  if (!booking) return '-';
  if (booking.costNanoUsd === null) return 'unpriced';
  const notes = [
    ...(isSubscription ? ['subscription'] : []),
    ...(isSimulated ? ['simulated'] : []),
    ...(booking.usageState === 'reported' ? [] : [booking.usageState]),
  ];
  return `$${usd(booking.costNanoUsd)}${notes.length > 0 ? ` ${notes.join(', ')}` : ''}`;
}

/** As the agent names it. */
export function profileOf({ agentId, profileAgentId, profileId }: LedgerRow): string {
  return profileAgentId === agentId ? profileId : `${profileAgentId}/${profileId}`;
}

/** In words. */
export function outcomeOf({ outcome }: LedgerRow): string {
  return outcome === null ? 'under way' : outcome.replaceAll('_', ' ');
}

function after({ admittedAtMs }: LedgerRow, atMs: number | null): string {
  return atMs === null ? '-' : `after ${(atMs - admittedAtMs).toLocaleString('en-US')} ms`;
}
