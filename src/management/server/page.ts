import * as v from 'valibot';
import { InvalidFieldsError } from './check-input.ts';
import type { Schema } from './route.ts';

const LARGEST_PAGE = 500;
const DEFAULT_PAGE = 100;

/** Query parameters of every list; spread them into a route's own. */
export const pageQuery = {
  cursor: v.optional(v.pipe(v.string(), v.description('nextCursor of the page before.'))),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,2}$/, 'Expected a number from 1 to 500'),
      v.check((text) => Number(text) <= LARGEST_PAGE, 'Expected a number from 1 to 500'),
      v.description('Items per page, 1 to 500; 100 unless said.'),
    ),
  ),
};

export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit?: string | undefined;
}

/** A list as every list is answered. A null cursor: there is no more. */
export function pageOf<S extends Schema>(item: S) {
  return v.strictObject({ items: v.array(item), nextCursor: v.nullable(v.string()) });
}

/**
 * One page of a list that is in order and whole in memory: what follows the item that the cursor names. `keyOf` must give
 * each item its own key; a key that is gone meanwhile (the item was removed) is an unknown cursor.
 */
export function pageFrom<T>(all: readonly T[], { cursor, limit }: PageQuery, keyOf: (item: T) => string) {
  const last = cursor === undefined ? undefined : cursorKey(cursor);
  const from = last === undefined ? 0 : all.findIndex((item) => keyOf(item) === last) + 1;
  if (last !== undefined && from === 0) throw unknownCursor();
  const items = all.slice(from, from + limitOf(limit));
  const hasMore = from + items.length < all.length;
  return { items, nextCursor: hasMore ? cursorOf(keyOf(items.at(-1)!)) : null };
}

export function limitOf(limit: string | undefined): number {
  return limit === undefined ? DEFAULT_PAGE : Number(limit);
}

/** A cursor is opaque to clients: the key of the last item of a page. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** The key that a cursor stands for. INVALID_FIELDS when it is none of ours. */
export function cursorKey(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursorOf(key) !== cursor) throw unknownCursor();
  return key;
}

export function unknownCursor(): InvalidFieldsError {
  return new InvalidFieldsError([{ loc: ['query', 'cursor'], msg: 'Unknown cursor', type: 'cursor' }]);
}
