import type { Stores } from '../app.ts';
import type { AuditRow } from '../audit/audit-log.ts';
import { readDetail } from '../audit/read-detail.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';

/** Something that happened: a decision, or a request that was let out. */
export type StoryItem =
  | { readonly kind: 'decision'; readonly atMs: number; readonly row: AuditRow }
  | { readonly kind: 'request'; readonly atMs: number; readonly row: LedgerRow };

export interface StoryQuery {
  readonly agentId?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

/** How far a reader has come in both books. */
export interface StoryPlace {
  readonly afterSeq: number;
  readonly afterId: number;
}

/** The newest items of audit and ledger as one story, oldest first. */
export function newestStory({ audit, ledger }: Pick<Stores, 'audit' | 'ledger'>, query: StoryQuery): StoryItem[] {
  const items = inOrder(audit.before(query).reverse(), ledger.newest(query).reverse());
  return query.limit === 0 ? [] : items.slice(-query.limit);
}

/** Where a reader who goes back has come in both books; a page ends there and the next one begins. */
export interface StoryEnd {
  readonly beforeSeq: number;
  readonly beforeId: number;
}

/** A page of the story, newest first, and where the next one begins; undefined where there is no more. */
export function storyBefore(
  { audit, ledger }: Pick<Stores, 'audit' | 'ledger'>,
  end: StoryEnd,
  { limit, ...query }: StoryQuery,
): { readonly items: readonly StoryItem[]; readonly next: StoryEnd | undefined } {
  const asked = { ...query, ...end, limit: limit + 1 };
  const found = inOrder(audit.before(asked).reverse(), ledger.newest(asked).reverse()).reverse();
  const items = found.slice(0, limit);
  const seqs = items.flatMap((item) => (item.kind === 'decision' ? item.row.seq : []));
  const ids = items.flatMap((item) => (item.kind === 'request' ? item.row.id : []));
  const next = { beforeSeq: Math.min(end.beforeSeq, ...seqs), beforeId: Math.min(end.beforeId, ...ids) };
  return { items, next: found.length > limit ? next : undefined };
}

/** What was written since `place`, oldest first. */
export function storyAfter(
  { audit, ledger }: Pick<Stores, 'audit' | 'ledger'>,
  place: StoryPlace,
  query: StoryQuery,
): StoryItem[] {
  return inOrder(audit.after({ ...place, ...query }), ledger.after({ ...place, ...query }));
}

/** Where both books end now. */
export function endOfStory({ audit, ledger }: Pick<Stores, 'audit' | 'ledger'>): StoryPlace {
  return { afterSeq: audit.lastSeq(), afterId: ledger.newest({ limit: 1 })[0]?.id ?? 0 };
}

/** By time; what was written in the same millisecond: the decision first, each book in its own order. */
function inOrder(decisions: readonly AuditRow[], requests: readonly LedgerRow[]): StoryItem[] {
  const items: StoryItem[] = [
    ...decisions.map((row) => ({ kind: 'decision' as const, atMs: row.atMs, row })),
    ...requests.map((row) => ({ kind: 'request' as const, atMs: row.admittedAtMs, row })),
  ];
  return items.sort((a, b) => a.atMs - b.atMs);
}

/** An item as `--json` and `export` give it. */
export function storyJson(item: StoryItem): object {
  if (item.kind === 'request') return requestJson(item.row);
  const { seq, atMs, actor, action, subject, detail, isSealed } = item.row;
  return { kind: 'decision', at: atMs, seq, actor, action, subject, detail, sealed: isSealed };
}

/** A row of the ledger as `--json` and the API give it. */
export function requestJson(request: LedgerRow): object {
  const { session, labels, admittedAtMs, firstByteAtMs, endedAtMs, ...rest } = request;
  const { isStream, isSubscription, isSimulated, booking, ...row } = rest;
  return {
    kind: 'request',
    at: admittedAtMs,
    ...row,
    firstByteAt: firstByteAtMs,
    endedAt: endedAtMs,
    stream: isStream,
    labels: labels === null ? {} : readDetail(labels),
    subscription: isSubscription,
    simulated: isSimulated,
    booking,
  };
}
