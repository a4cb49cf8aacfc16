import * as v from 'valibot';
import { agentNotFound } from '../../agents/change-agents.ts';
import { MAIN_AGENT } from '../../core/ids.ts';
import { buildStatus } from '../../status/build-status.ts';
import { currentGates } from '../../status/current-gates.ts';
import type { ModelsStatus } from '../../status/models-status.ts';
import { statusFacts } from '../../status/status-facts.ts';
import { isVaultAvailable } from '../../status/vault-availability.ts';
import type { Management } from '../management.ts';
import { route } from '../server/route.ts';
import { currentApp } from './current-app.ts';
import { agentIdSchema } from './shapes/ids.ts';
import { gateSchema, statusSchema } from './shapes/status-shape.ts';

/** `stopping` names the closed ones that stop the agent's next request. */
const gatesSchema = v.strictObject({
  agentId: v.string(),
  items: v.array(gateSchema),
  stopping: v.array(v.string()),
});
const whose = v.strictObject({ agent: v.optional(agentIdSchema, MAIN_AGENT) });

/** The state of one agent, as `moltbot models status --json` and `moltbot gates --json` say it. */
export const statusRoutes = [
  route({
    method: 'GET',
    path: '/status',
    summary: 'Say which models and credentials an agent uses, which are unusable, until when and why.',
    role: 'admin',
    query: whose,
    answers: { 200: statusSchema },
    errors: [404],
    handle: async ({ management, query, reply }) => reply(200, shown(await statusOf(management, query.agent))),
  }),
  route({
    method: 'GET',
    path: '/gates',
    summary: 'Say which conditions requests of an agent must pass, and which are closed.',
    role: 'admin',
    query: whose,
    answers: { 200: gatesSchema },
    errors: [404],
    handle({ management, query: { agent }, reply }) {
      assertAgent(management, agent);
      const { gates, stopping } = currentGates(currentApp(management), agent);
      return reply(200, { agentId: agent, items: [...gates], stopping: stopping.map(({ name }) => name) });
    },
  }),
];

async function statusOf(management: Management, agentId: string): Promise<ModelsStatus> {
  assertAgent(management, agentId);
  // A vault that was chosen since the start is not open before the next one.
  const isAvailable = await isVaultAvailable(management.app);
  return buildStatus(statusFacts(currentApp(management), agentId), isAvailable);
}

function assertAgent({ stores }: Management, agentId: string): void {
  if (!stores.agents.has(agentId)) throw agentNotFound(agentId);
}

type Shown = v.InferOutput<typeof statusSchema>;
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** Here the compiler compares the status with the schema; nothing changes but that it may be written to. */
function shown(status: Frozen<Shown>): Shown {
  return status as Shown;
}
