import * as v from 'valibot';
import { pauseAgent } from '../../agents/change-agents.ts';
import { EVERYONE } from '../../agents/pause-store.ts';
import { agentOverviews, pausingBudgets } from '../../status/agent-overview.ts';
import { resultsOf, resume } from '../../status/resume.ts';
import type { Management } from '../management.ts';
import { route } from '../server/route.ts';
import { currentApp } from './current-app.ts';
import { agentIdSchema, plainText } from './shapes/ids.ts';
import { budgetPauseSchema } from './shapes/pause-shape.ts';

const ofAgent = { agent: agentIdSchema };
const ofAll = { all: v.literal(true) };
const reason = { reason: v.optional(plainText(300)) };
const ONE_OF = 'Expected agent, or all: true';

/** `agentId` is `*` for everything; `changed` is false where it was so before. */
const answer = { agentId: v.string(), paused: v.boolean(), changed: v.boolean() };
/** What came of testing the profiles that are out of credit. */
const testSchema = v.strictObject({
  agentId: v.string(),
  profileId: v.string(),
  result: v.picklist(['passed', 'refused', 'unreachable', 'not_tested', 'waiting']),
  httpStatus: v.nullable(v.number()),
  errorType: v.nullable(v.string()),
});

/** What a person stops and lets go on. */
export const pauseRoutes = [
  route({
    method: 'POST',
    path: '/pause',
    summary: 'Pause an agent, or everything: no new request is let in.',
    role: 'admin',
    body: v.union([v.strictObject({ ...ofAgent, ...reason }), v.strictObject({ ...ofAll, ...reason })], ONE_OF),
    answers: { 200: v.strictObject(answer) },
    errors: [404],
    handle({ management: { stores }, by, body, reply }) {
      const agentId = whose(body);
      return reply(200, { agentId, paused: true, changed: pauseAgent(stores, agentId, body.reason ?? '', by) });
    },
  }),
  route({
    method: 'POST',
    path: '/resume',
    summary: "End a person's pause of an agent, or of everything; test at once what is out of credit.",
    role: 'admin',
    widens: ({ body }) => ('all' in body ? 'resume everything' : `resume the agent ${body.agent}`),
    body: v.union([v.strictObject(ofAgent), v.strictObject(ofAll)], ONE_OF),
    answers: { 200: v.strictObject({ ...answer, budgets: v.array(budgetPauseSchema), tests: v.array(testSchema) }) },
    errors: [404],
    async handle({ management, by, body, reply }) {
      const { stores, isStopping } = management;
      const agentId = whose(body);
      const { changed, asked } = resume(stores, agentId, by);
      const tests = await resultsOf(stores, asked, { isOver: isStopping });
      const paused = isPausedStill(management, agentId);
      const budgets = pausingBudgets(currentApp(management), stores, agentId);
      return reply(200, { agentId, paused, changed, budgets, tests });
    },
  }),
];

function whose(body: { readonly agent: string } | { readonly all: true }): string {
  return 'all' in body ? EVERYONE : body.agent;
}

/** By a pause of everything, a used-up budget, or because a provider's spend limit leaves it nothing. */
function isPausedStill(management: Management, agentId: string): boolean {
  const agents = agentOverviews(currentApp(management), management.stores);
  if (agentId !== EVERYONE) return agents.some(({ id, pause }) => id === agentId && pause !== null);
  return agents.some(({ pause }) => pause !== null && pause.cause !== 'person');
}
