import * as v from 'valibot';
import { addAgent, agentNotFound, changeAgent } from '../../agents/change-agents.ts';
import { removeAgent } from '../../profiles/remove-agent.ts';
import { type AgentOverview, agentOverviews } from '../../status/agent-overview.ts';
import type { Management } from '../management.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { agentSchema, termsInput } from './shapes/agent-shape.ts';
import { checkPolicy } from './shapes/check-policy.ts';
import { agentIdSchema } from './shapes/ids.ts';

const byId = v.strictObject({ id: agentIdSchema });

/** Agents: who work is done for. */
export const agentRoutes = [
  route({
    method: 'GET',
    path: '/agents',
    summary: 'List the agents, main first, with their terms, profiles and live tokens.',
    role: 'admin',
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(agentSchema) },
    handle: ({ management, query, reply }) =>
      reply(
        200,
        pageFrom(overviews(management), query, ({ id }) => id),
      ),
  }),
  route({
    method: 'POST',
    path: '/agents',
    summary: 'Add an agent. It starts without credentials: nothing is inherited.',
    role: 'admin',
    body: v.strictObject({ id: agentIdSchema, ...termsInput }),
    answers: { 201: agentSchema },
    errors: [400, 409],
    handle({ management, by, body: { id, ...terms }, reply }) {
      checkPolicy(management.providers(), terms.policy ?? {});
      addAgent(management.stores, id, termsOf(terms), by);
      return reply(201, overviewOf(management, id));
    },
  }),
  route({
    method: 'GET',
    path: '/agents/{id}',
    summary: 'Show an agent.',
    role: 'admin',
    params: byId,
    answers: { 200: agentSchema },
    errors: [404],
    handle: ({ management, params, reply }) => reply(200, overviewOf(management, params.id)),
  }),
  route({
    method: 'PATCH',
    path: '/agents/{id}',
    summary: 'Put new terms in place of those that are named; a policy is replaced as a whole.',
    role: 'admin',
    widens: ({ body }) => (body.policy || body.expiresAt !== undefined ? 'change what an agent may do' : undefined),
    params: byId,
    body: v.strictObject(termsInput),
    answers: { 200: agentSchema },
    errors: [400, 404],
    handle({ management, by, params, body, reply }) {
      checkPolicy(management.providers(), body.policy ?? {});
      changeAgent(management.stores, params.id, termsOf(body), by);
      return reply(200, overviewOf(management, params.id));
    },
  }),
  route({
    method: 'DELETE',
    path: '/agents/{id}',
    summary: 'Remove an agent with its credentials, keys and tokens; running answers are cut.',
    role: 'admin',
    params: byId,
    answers: { 200: v.strictObject({ id: v.string(), profiles: v.array(v.string()), tokens: v.number() }) },
    errors: [400, 404, 503],
    async handle({ management, by, params: { id }, reply }) {
      const removed = await removeAgent(management.stores, () => management.credentials(by.actor), id, by);
      return reply(200, { id, profiles: [...removed.profiles], tokens: removed.tokens });
    },
  }),
];

type Shown = v.InferOutput<typeof agentSchema>;

function overviews({ stores, now }: Management): Shown[] {
  return agentOverviews(stores, now()).map(shown);
}

/** The overview of one. AGENT_NOT_FOUND. */
function overviewOf(management: Management, id: string): Shown {
  const found = overviews(management).find((agent) => agent.id === id);
  if (!found) throw agentNotFound(id);
  return found;
}

function shown({ profiles, ...agent }: AgentOverview): Shown {
  return { ...agent, profiles: [...profiles] };
}

function termsOf({ expiresAt, policy, labels }: v.InferOutput<ReturnType<typeof v.strictObject<typeof termsInput>>>) {
  return { expiresAtMs: expiresAt, policy, labels };
}
