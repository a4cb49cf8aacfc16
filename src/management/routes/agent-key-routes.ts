import * as v from 'valibot';
import { type AgentKey, AgentKeyStore } from '../../agents/agent-key-store.ts';
import { rotateAgentKey, unenrollAgent } from '../../agents/change-agent-keys.ts';
import { agentNotFound } from '../../agents/change-agents.ts';
import { parseGrace } from '../../agents/grace.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { agentIdSchema } from './shapes/ids.ts';

const byAgent = v.strictObject({ id: agentIdSchema });
const kindSchema = v.picklist(['key', 'client_secret']);
const graceSchema = v.optional(
  v.pipe(
    v.string(),
    v.check((text) => parseGrace(text) !== undefined, 'Expected a time of at most 30 days as 10m or 1d, or 0'),
  ),
  '10m',
);
const keySchema = v.strictObject({
  id: v.string(),
  agentId: v.string(),
  kind: kindSchema,
  createdAt: v.number(),
  expiresAt: v.nullable(v.number()),
  lastUsedAt: v.nullable(v.number()),
});

/** What agents identify themselves with: agent keys and OAuth client secrets. */
export const agentKeyRoutes = [
  route({
    method: 'GET',
    path: '/agents/{id}/keys',
    summary: 'List the agent keys and client secrets that work, without their text, newest first.',
    role: 'admin',
    params: byAgent,
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(keySchema) },
    errors: [404],
    handle({ management: { stores, now }, params, query, reply }) {
      if (!stores.agents.has(params.id)) throw agentNotFound(params.id);
      const keys = new AgentKeyStore(stores.database).live(params.id, now());
      const { items, nextCursor } = pageFrom(keys, query, ({ id }) => id);
      return reply(200, { items: items.map(shown), nextCursor });
    },
  }),
  route({
    method: 'POST',
    path: '/agents/{id}/keys',
    summary:
      'Make an agent key or client secret; older ones of that kind work for the grace time. It is in this answer only.',
    role: 'admin',
    widens: ({ params }) => `make a key for the agent ${params.id}`,
    params: byAgent,
    body: v.strictObject({
      kind: v.optional(kindSchema, 'key'),
      grace: graceSchema,
    }),
    answers: { 201: v.strictObject({ key: v.string(), ...keySchema.entries, replaced: v.number() }) },
    errors: [404],
    handle({ management: { stores }, by, params, body: { kind, grace }, reply }) {
      const wanted = { kind, graceMs: parseGrace(grace)! };
      const { key, record, replaced } = rotateAgentKey(stores, params.id, wanted, by);
      return reply(201, { key: key.reveal(), ...shown(record), replaced });
    },
  }),
  route({
    method: 'POST',
    path: '/agents/{id}/unenroll',
    summary: 'End the keys and tokens of an agent; one without credentials of its own goes with them.',
    role: 'admin',
    params: byAgent,
    answers: {
      200: v.strictObject({ agentId: v.string(), tokens: v.number(), keys: v.number(), removed: v.boolean() }),
    },
    errors: [404],
    handle: ({ management: { stores }, by, params, reply }) =>
      reply(200, { agentId: params.id, ...unenrollAgent(stores, params.id, by) }),
  }),
];

function shown({ createdAtMs, expiresAtMs, lastUsedAtMs, ...key }: AgentKey): v.InferOutput<typeof keySchema> {
  return { ...key, createdAt: createdAtMs, expiresAt: expiresAtMs, lastUsedAt: lastUsedAtMs };
}
