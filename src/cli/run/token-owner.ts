import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { MAIN_AGENT } from '../../core/ids.ts';

/** Only an agent that exists may own a token. Fails with AGENT_NOT_FOUND. */
export function assertAgent(app: App, agentId: string): void {
  if (agentId === MAIN_AGENT || app.stores().agents.has(agentId)) return;
  throw new MoltbotError('AGENT_NOT_FOUND', `There is no agent "${agentId}".`, {
    hint: `Add it: moltbot agents add ${agentId}, or see which there are: moltbot agents list`,
  });
}
