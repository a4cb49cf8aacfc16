import * as v from 'valibot';
import { grantModels } from '../../config/grant-models.ts';
import { grantedId, MAIN_AGENT } from '../../core/ids.ts';
import { endGrant, grantProfile } from '../../profiles/change-grants.ts';
import type { Grant } from '../../profiles/grant-store.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { agentIdSchema, countSchema, plainText, profileIdSchema } from './shapes/ids.ts';

/** Whose profile, and who may use it. */
const which = {
  agent: v.optional(agentIdSchema, MAIN_AGENT),
  profile: profileIdSchema,
  to: agentIdSchema,
};

const grantSchema = v.strictObject({
  agent: v.string(),
  profile: v.string(),
  to: v.string(),
  /** How that agent names it. */
  grantedAs: v.string(),
  models: v.nullable(v.array(v.string())),
  requestsPerMinute: v.nullable(v.number()),
  createdAt: v.number(),
  createdBy: v.string(),
});

/** Profiles that are lent to other agents, by reference. */
export const grantRoutes = [
  route({
    method: 'GET',
    path: '/grants',
    summary: 'List the grants, by owner, profile and agent.',
    role: 'admin',
    query: v.strictObject({ ...pageQuery, agent: v.optional(agentIdSchema), to: v.optional(agentIdSchema) }),
    answers: { 200: pageOf(grantSchema) },
    handle({ management: { stores }, query, reply }) {
      const { agent, to } = query;
      const grants = stores.grants
        .list()
        .filter((grant) => (agent ?? grant.ownerAgentId) === grant.ownerAgentId)
        .filter((grant) => (to ?? grant.agentId) === grant.agentId);
      const { items, nextCursor } = pageFrom(grants, query, keyOf);
      return reply(200, { items: items.map(shown), nextCursor });
    },
  }),
  route({
    method: 'POST',
    path: '/grants',
    summary: 'Lend a profile to another agent, or put new limits in place.',
    role: 'admin',
    widens: ({ body }) => `lend ${body.profile} of agent ${body.agent} to ${body.to}`,
    body: v.strictObject({
      ...which,
      models: v.optional(v.nullable(v.pipe(v.array(plainText(200)), v.minLength(1), v.maxLength(200))), null),
      requestsPerMinute: v.optional(v.nullable(countSchema), null),
    }),
    answers: { 201: grantSchema },
    errors: [400, 404],
    handle({ management, by, body: { agent, profile, to, models, requestsPerMinute }, reply }) {
      const known = { config: management.config().config, providers: management.providers() };
      const terms = {
        ownerAgentId: agent,
        profileId: profile,
        agentId: to,
        models: grantModels(known, profile.slice(0, profile.indexOf(':')), models ?? [], false),
        requestsPerMinute,
      };
      return reply(201, shown(grantProfile(management.stores, terms, by)));
    },
  }),
  route({
    method: 'POST',
    path: '/grants/revoke',
    summary: 'End a grant: answers that it serves are cut.',
    role: 'admin',
    body: v.strictObject(which),
    answers: { 204: null },
    errors: [404],
    handle({ management, by, body: { agent, profile, to }, reply }) {
      endGrant(management.stores, { ownerAgentId: agent, profileId: profile, agentId: to }, by);
      return reply(204);
    },
  }),
];

function keyOf({ ownerAgentId, profileId, agentId }: Grant): string {
  return `${ownerAgentId} ${profileId} ${agentId}`;
}

function shown(grant: Grant): v.InferOutput<typeof grantSchema> {
  return {
    agent: grant.ownerAgentId,
    profile: grant.profileId,
    to: grant.agentId,
    grantedAs: grantedId(grant.ownerAgentId, grant.profileId),
    models: grant.models && [...grant.models],
    requestsPerMinute: grant.requestsPerMinute,
    createdAt: grant.createdAtMs,
    createdBy: grant.createdBy,
  };
}
