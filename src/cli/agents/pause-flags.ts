import { Flags } from '@oclif/core';
import { EVERYONE } from '../../agents/pause-store.ts';
import { agentFlag, agentOf } from '../base-command.ts';

/** Whom to pause or resume: one agent, or everything. */
export const pauseFlags = {
  agent: agentFlag.agent,
  all: Flags.boolean({ description: 'everything, whichever agent', exclusive: ['agent'] }),
};

/** An agent id, or `*`. */
export function pausableAgent(flags: { readonly agent?: string | undefined; readonly all: boolean }): string {
  return flags.all ? EVERYONE : agentOf(flags);
}

export function pausedName(agentId: string): string {
  return agentId === EVERYONE ? 'every agent' : `the agent ${agentId}`;
}
