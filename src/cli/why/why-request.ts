import type { Stores } from '../../app.ts';
import type { AuditRow } from '../../audit/audit-log.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { formatDuration, formatTime } from '../../core/time.ts';
import type { Booking, LedgerOutcome, LedgerRow } from '../../ledger/ledger-row.ts';
import { agentOption } from '../../rotation/messages.ts';
import { requestJson } from '../../status/story.ts';
import { dayOf, sentenceOf } from '../audit/sentence.ts';
import { costText, outcomeOf, profileOf } from '../usage/request-text.ts';

/** What happened to one request, as `why --json` gives it. */
export interface RequestWhy {
  readonly requestId: string;
  readonly agentId: string;
  /** In order: what was asked for, each attempt, the gateway's refusal. */
  readonly sentences: readonly string[];
  readonly attempts: readonly object[];
  /** The code that the gateway refused it with, if it did. */
  readonly refused: string | null;
  readonly command: string;
}

/** Outcomes that are about the credential, and those that are about the provider. */
const OF_PROFILE: readonly (LedgerOutcome | null)[] = [
  'rate_limited',
  'billing',
  'auth',
  'model_denied',
  'wrong_client',
];
const OF_PROVIDER: readonly (LedgerOutcome | null)[] = ['overloaded', 'server_error', 'unreachable', 'broken'];

/** By its attempts in the ledger and its refusal in the audit. REQUEST_NOT_FOUND where neither knows it. */
export function whyRequest(stores: Stores | undefined, requestId: string, nowMs: number): RequestWhy {
  const rows = stores?.ledger.ofRequest(requestId) ?? [];
  const refusal = stores?.audit.refusalOf(requestId);
  const agentId = rows[0]?.agentId ?? refusal?.subject;
  if (agentId === undefined) {
    throw new MoltbotError('REQUEST_NOT_FOUND', 'No request with that id was let out or refused.', {
      hint: 'See the newest: moltbot requests. Refused ones: moltbot audit list',
    });
  }
  return {
    requestId,
    agentId,
    sentences: [...asked(rows), ...rows.map((row) => attempt(row, nowMs)), ...refused(refusal)],
    attempts: rows.map(requestJson),
    refused: refusal ? String(refusal.detail.code ?? '') : null,
    command: commandFor(rows.at(-1), refusal, agentId),
  };
}

function asked(rows: readonly LedgerRow[]): string[] {
  return rows.slice(0, 1).map(({ admittedAtMs, agentId, provider, modelAsked, route, isStream }) => {
    const stream = isStream ? ', as a stream' : '';
    const what = modelAsked === null ? route : `${modelAsked} (${route})`;
    return printable(`At ${formatTime(admittedAtMs)} agent "${agentId}" asked ${provider} for ${what}${stream}.`);
  });
}

/** `Attempt 1 with anthropic:work: rate limited, HTTP 429, after 120 ms. It used nothing.` */
function attempt(row: LedgerRow, nowMs: number): string {
  const start = `Attempt ${row.attempt} with ${profileOf(row)}`;
  if (row.endedAtMs === null) return `${start}: under way for ${tookOf(nowMs - row.admittedAtMs)}.`;
  const status = row.status === null ? '' : `, HTTP ${row.status}`;
  const used = row.booking ? `${tokensOf(row.booking)} It cost ${costText(row)}.` : 'It used nothing.';
  return printable(`${start}: ${outcomeOf(row)}${status}, after ${tookOf(row.endedAtMs - row.admittedAtMs)}. ${used}`);
}

function tokensOf(booking: Booking): string {
  const count = (tokens: number) => tokens.toLocaleString('en-US');
  const written = booking.cacheWrite5mTokens + booking.cacheWrite1hTokens;
  const cache = [
    ...(booking.cacheReadTokens > 0 ? [`${count(booking.cacheReadTokens)} read from the cache`] : []),
    ...(written > 0 ? [`${count(written)} written to it`] : []),
  ];
  const cached = cache.length > 0 ? `, ${cache.join(', ')}` : '';
  return `It used ${count(booking.inputTokens)} tokens in${cached}, ${count(booking.outputTokens)} out.`;
}

function refused(row: AuditRow | undefined): string[] {
  return row ? [`${dayOf(row.atMs)} ${sentenceOf({ kind: 'decision', atMs: row.atMs, row })}.`] : [];
}

function tookOf(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, ms)} ms` : formatDuration(ms);
}

function commandFor(row: LedgerRow | undefined, refusal: AuditRow | undefined, agentId: string): string {
  if (row && OF_PROFILE.includes(row.outcome))
    return `moltbot models auth why ${profileOf(row)}${agentOption(agentId)}`;
  if (row && OF_PROVIDER.includes(row.outcome)) return `moltbot backend status ${row.provider}`;
  return refusal || !row ? `moltbot why ${agentId}` : `moltbot requests show ${row.requestId}`;
}
