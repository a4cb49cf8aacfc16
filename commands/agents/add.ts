import { Args, Flags } from '@oclif/core';
import { addAgent } from '../../src/agents/change-agents.ts';
import { agentModelRef, writeAgentModel } from '../../src/cli/agents/agent-model.ts';
import { termFlags, termsFrom } from '../../src/cli/agents/term-flags.ts';
import { policyText } from '../../src/cli/agents/terms-text.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { byPerson } from '../../src/cli/by-person.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AgentsAdd extends BaseCommand {
  static override summary =
    'Add an agent, with limits if you like. It starts without credentials: nothing is inherited.';
  static override examples = [
    '<%= config.bin %> agents add reviewer',
    '<%= config.bin %> agents add reviewer --model anthropic/claude-haiku-4-5',
    '<%= config.bin %> agents add nightly --can anthropic --models anthropic/claude-haiku-4-5 --rpm 20 --expires-in 30d',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'lower-case letters, digits and dashes' }),
  };
  static override flags = {
    model: Flags.string({ char: 'm', description: 'its default model, or an alias' }),
    ...termFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AgentsAdd);
    const agentId = parseAgentId(args.name);
    const model = flags.model === undefined ? undefined : agentModelRef(this.app, flags.model);
    const terms = termsFrom(this.app, flags);
    const stores = this.app.stores();
    if (stores.agents.has(agentId)) throw alreadyThere(agentId);
    // The config first: if that edit is refused, no agent is left behind.
    if (model !== undefined) writeAgentModel(this.app, agentId, model);
    addAgent(stores, agentId, terms, byPerson(this.app));
    const { policy, expiresAtMs, labels } = stores.agents.get(agentId)!;
    const { host, user } = gatewayHost();
    this.log(`Added the agent ${agentId} on ${user}@${host}${model ? ` with the model ${model}` : ''}.`);
    this.log(`It may use: ${policyText(policy)}.`);
    this.log(`Give it a credential: moltbot models auth add --agent ${agentId}`);
    return { agentId, model: model ?? null, policy, expiresAt: expiresAtMs, labels, gatewayHost: host };
  }
}

function alreadyThere(agentId: string): MoltbotError {
  return new MoltbotError('ALREADY_EXISTS', `There already is an agent "${agentId}".`, {
    hint: `See the agents: moltbot agents list, or change its terms: moltbot agents set ${agentId} --help`,
  });
}
