import * as v from 'valibot';
import { parseSince } from '../../../core/time.ts';

/** From when on: what `parseSince` reads, or 30 days. */
export const sinceSchema = v.optional(
  v.pipe(
    v.string(),
    v.check((text) => parseSince(text, 0) !== undefined, 'Expected how far back (30d), or a time'),
    v.description('How far back (24h, 30d), or a time such as 2026-11-20T09:00Z; 30d unless said.'),
  ),
  '30d',
);
