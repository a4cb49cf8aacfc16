import * as v from 'valibot';
import { addAgent, agentNotFound, changeAgent } from '../../agents/change-agents.ts';
import { isWider } from '../../agents/is-wider.ts';
import { removeAgent } from '../../profiles/remove-agent.ts';
import { type AgentOverview, agentOverviews } from '../../status/agent-overview.ts';
import type { Management } from '../management.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { currentApp } from './current-app.ts';
import { agentSchema, termsInput } from './shapes/agent-shape.ts';
import { agentIdSchema } from './shapes/ids.ts';
import { shownPause } from './shapes/pause-shape.ts';
import { policyOf } from './shapes/policy-of.ts';

/** With how many of its tokens were live. */
const removedSchema = v.strictObject({
  agentId: v.string(),
  removed: v.literal(true),
  profiles: v.array(v.string()),
  tokens: v.number(),
});
const termsSchema = v.strictObject(termsInput);
const changeSchema = v.pipe(
  termsSchema,
  v.check((terms) => Object.values(terms).some((term) => term !== undefined), 'Nothing to change'),
);
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
      addAgent(management.stores, id, termsOf(management, terms), by);
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
    widens({ management, params, body }) {
      const before = management.stores.agents.get(params.id);
      return before && isWider(before, termsOf(management, body)) ? `let the agent ${params.id} do more` : undefined;
    },
    params: byId,
    body: changeSchema,
    answers: { 200: agentSchema },
    errors: [400, 404],
    handle({ management, by, params, body, reply }) {
      changeAgent(management.stores, params.id, termsOf(management, body), by);
      return reply(200, overviewOf(management, params.id));
    },
  }),
  route({
    method: 'DELETE',
    path: '/agents/{id}',
    summary: 'Remove an agent with its credentials, keys and tokens; running answers are cut.',
    role: 'admin',
    params: byId,
    answers: { 200: removedSchema },
    errors: [400, 404, 503],
    async handle({ management, by, params: { id }, reply }) {
      const { profiles, tokens } = await removeAgent(management.stores, () => management.credentials(by.actor), id, by);
      return reply(200, { agentId: id, removed: true, profiles: [...profiles], tokens });
    },
  }),
];

type Shown = v.InferOutput<typeof agentSchema>;

function overviews(management: Management): Shown[] {
  return agentOverviews(currentApp(management), management.stores).map(shown);
}

/** The overview of one. AGENT_NOT_FOUND. */
function overviewOf(management: Management, id: string): Shown {
  const found = overviews(management).find((agent) => agent.id === id);
  if (!found) throw agentNotFound(id);
  return found;
}

function shown({ profiles, pause, ...agent }: AgentOverview): Shown {
  return { ...agent, profiles: [...profiles], pause: pause && shownPause(pause) };
}

/** USAGE where the policy names what is not there. */
function termsOf({ providers }: Management, { expiresAt, policy, labels }: v.InferOutput<typeof termsSchema>) {
  return { expiresAtMs: expiresAt, policy: policy && policyOf(providers(), policy), labels };
}
