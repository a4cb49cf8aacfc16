import { Args, Flags } from '@oclif/core';
import { thisPerson } from '../../src/audit/actor.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmRemoval } from '../../src/cli/confirm-removal.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';
import { removeAgent } from '../../src/profiles/remove-agent.ts';

export default class AgentsRemove extends BaseCommand {
  static override summary = 'Remove an agent with its credentials; its tokens end at once.';
  static override examples = ['<%= config.bin %> agents remove reviewer --yes'];
  static override args = { name: Args.string({ required: true, description: 'an agent id' }) };
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'do not ask' }) };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AgentsRemove);
    const agentId = parseAgentId(args.name);
    await confirmRemoval(`Remove the agent ${agentId} with its credentials and tokens?`, flags.yes);
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    const { profiles, tokens } = await removeAgent(this.app.stores(), () => this.app.credentials(), agentId, by);
    const { host, user } = gatewayHost();
    const what = profiles.length === 0 ? 'It had no credentials' : `Deleted: ${profiles.join(', ')}`;
    this.log(`Removed the agent ${agentId} on ${user}@${host}. ${what}; tokens revoked: ${tokens}.`);
    if (this.#isConfigured(agentId)) this.note(`The config still has settings for it: moltbot config get agents.list`);
    return { agentId, removed: true, profiles, tokens, gatewayHost: host };
  }

  #isConfigured(agentId: string): boolean {
    return this.app.config().config.agents.list.some(({ id }) => id === agentId);
  }
}
