import { leftOfTokens } from '../../budgets/token-spent.ts';
import type { Management } from '../management.ts';
import { cursorKey, cursorOf, limitOf, type PageQuery, unknownCursor } from '../server/page.ts';
import { shownToken } from './shapes/token-shape.ts';

/** One page of live tokens, newest first. There may be thousands: only the page is read. */
export function liveTokensPage({ stores, now }: Management, query: PageQuery, agentId: string | undefined) {
  const limit = limitOf(query.limit);
  const after = query.cursor === undefined ? undefined : placeOf(query.cursor);
  const found = stores.tokens.live(now(), { agentId, after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const left = leftOfTokens(stores.database, page);
  const items = page.map((token) => shownToken(token, left));
  const last = items.at(-1);
  const hasMore = found.length > limit && last;
  return { items, nextCursor: hasMore ? cursorOf(`${last.createdAt} ${last.accessor}`) : null };
}

function placeOf(cursor: string): { createdAtMs: number; accessor: string } {
  const match = /^(\d{1,15}) (acc_\w{1,40})$/.exec(cursorKey(cursor));
  if (!match) throw unknownCursor();
  return { createdAtMs: Number(match[1]), accessor: match[2]! };
}
