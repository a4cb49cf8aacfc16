import * as v from 'valibot';
import { alertJson } from '../../alerts/alert-json.ts';
import { cursorKey, cursorOf, limitOf, pageOf, pageQuery, unknownCursor } from '../server/page.ts';
import { route } from '../server/route.ts';

const alertSchema = v.strictObject({
  id: v.string(),
  at: v.number(),
  kind: v.string(),
  subject: v.string(),
  text: v.string(),
  detail: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(v.string())])),
});

/** What people were told. */
export const alertRoutes = [
  route({
    method: 'GET',
    path: '/alerts',
    summary: 'List the alerts of the last 90 days, newest first.',
    role: 'admin',
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(alertSchema) },
    handle({ management: { stores }, query, reply }) {
      const limit = limitOf(query.limit);
      const beforeSeq = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : placeOf(query.cursor);
      const rows = stores.alerts.newest({ beforeSeq, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const nextCursor = rows.length > limit ? cursorOf(String(page.at(-1)!.seq)) : null;
      return reply(200, { items: page.map((row) => alertJson(row) as AlertShown), nextCursor });
    },
  }),
];

type AlertShown = v.InferOutput<typeof alertSchema>;

function placeOf(cursor: string): number {
  const key = cursorKey(cursor);
  if (!/^\d{1,15}$/.test(key)) throw unknownCursor();
  return Number(key);
}
