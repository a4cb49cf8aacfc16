import * as v from 'valibot';
import { parseHead } from '../../audit/head.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { type StoryEnd, storyBefore, storyJson } from '../../status/story.ts';
import { verifyAudit } from '../../status/verify-audit.ts';
import type { Management } from '../management.ts';
import { cursorKey, cursorOf, limitOf, pageOf, pageQuery, unknownCursor } from '../server/page.ts';
import { route } from '../server/route.ts';
import { currentApp } from './current-app.ts';
import { agentIdSchema } from './shapes/ids.ts';
import { storyItemSchema } from './shapes/story-shape.ts';

const verdictSchema = v.variant('ok', [
  v.strictObject({
    ok: v.literal(true),
    rows: v.number(),
    sealed: v.number(),
    unsealed: v.number(),
    /** Kept elsewhere, it shows later whether the end was cut off. */
    head: v.nullable(v.string()),
    requests: v.strictObject({ completed: v.number(), pruned: v.number(), anchored: v.number() }),
  }),
  /** `fault` names the first row that is not as it was written. */
  v.strictObject({ ok: v.literal(false), fault: v.string() }),
]);

/** The record of decisions and, with it, of the requests that were let out. */
export const auditRoutes = [
  route({
    method: 'GET',
    path: '/audit',
    summary: 'List decisions and requests as one story, newest first; of an agent where one is named.',
    role: 'admin',
    query: v.strictObject({ ...pageQuery, agent: v.optional(agentIdSchema) }),
    answers: { 200: pageOf(storyItemSchema) },
    handle({ management: { stores }, query, reply }) {
      const asked = { agentId: query.agent, limit: limitOf(query.limit) };
      const { items, next } = storyBefore(stores, query.cursor === undefined ? NEWEST : endOf(query.cursor), asked);
      const nextCursor = next ? cursorOf(`${next.beforeSeq} ${next.beforeId}`) : null;
      return reply(200, { items: items.map((item) => storyJson(item) as StoryItemShown), nextCursor });
    },
  }),
  route({
    method: 'GET',
    path: '/audit/verify',
    summary:
      'Check that no row of audit or ledger was changed, moved or taken away; with the head of an earlier time also their end.',
    role: 'admin',
    query: v.strictObject({ head: v.optional(v.pipe(v.string(), v.maxLength(100))) }),
    answers: { 200: verdictSchema },
    errors: [400, 503],
    handle: async ({ management, query, reply }) => reply(200, await verdictOf(management, query.head)),
  }),
];

type StoryItemShown = v.InferOutput<typeof storyItemSchema>;

const NEWEST: StoryEnd = { beforeSeq: Number.MAX_SAFE_INTEGER, beforeId: Number.MAX_SAFE_INTEGER };

async function verdictOf(
  management: Management,
  head: string | undefined,
): Promise<v.InferOutput<typeof verdictSchema>> {
  try {
    const knownHead = head === undefined ? undefined : parseHead(head);
    return { ok: true, ...(await verifyAudit(currentApp(management), knownHead)) };
  } catch (error) {
    if (isMoltbotError(error, 'AUDIT_BROKEN')) return { ok: false, fault: error.message };
    throw error;
  }
}

function endOf(cursor: string): StoryEnd {
  const match = /^(\d{1,16}) (\d{1,16})$/.exec(cursorKey(cursor));
  if (!match) throw unknownCursor();
  return { beforeSeq: Number(match[1]), beforeId: Number(match[2]) };
}
