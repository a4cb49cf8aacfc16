import * as v from 'valibot';
import { pauseAgent, resumeAgent } from '../../agents/change-agents.ts';
import { EVERYONE } from '../../agents/pause-store.ts';
import { route } from '../server/route.ts';
import { agentIdSchema, plainText } from './shapes/ids.ts';

const ofAgent = { agent: agentIdSchema };
const ofAll = { all: v.literal(true) };
const reason = { reason: v.optional(plainText(300)) };
const ONE_OF = 'Expected agent, or all: true';

/** `agentId` is `*` for everything; `changed` is false where it was so before. */
const answerSchema = v.strictObject({ agentId: v.string(), paused: v.boolean(), changed: v.boolean() });

/** What a person stops and lets go on. */
export const pauseRoutes = [
  route({
    method: 'POST',
    path: '/pause',
    summary: 'Pause an agent, or everything: no new request is let in.',
    role: 'admin',
    body: v.union([v.strictObject({ ...ofAgent, ...reason }), v.strictObject({ ...ofAll, ...reason })], ONE_OF),
    answers: { 200: answerSchema },
    errors: [404],
    handle({ management: { stores }, by, body, reply }) {
      const agentId = whose(body);
      return reply(200, { agentId, paused: true, changed: pauseAgent(stores, agentId, body.reason ?? '', by) });
    },
  }),
  route({
    method: 'POST',
    path: '/resume',
    summary: "End a person's pause of an agent, or of everything.",
    role: 'admin',
    widens: ({ body }) => ('all' in body ? 'resume everything' : `resume the agent ${body.agent}`),
    body: v.union([v.strictObject(ofAgent), v.strictObject(ofAll)], ONE_OF),
    answers: { 200: answerSchema },
    errors: [404],
    handle({ management: { stores }, by, body, reply }) {
      const agentId = whose(body);
      const changed = resumeAgent(stores, agentId, by);
      // A pause of everything holds this agent still.
      const paused = agentId !== EVERYONE && stores.pauses.of(agentId) !== undefined;
      return reply(200, { agentId, paused, changed });
    },
  }),
];

function whose(body: { readonly agent: string } | { readonly all: true }): string {
  return 'all' in body ? EVERYONE : body.agent;
}
