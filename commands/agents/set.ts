import { Args } from '@oclif/core';
import { agentNotFound, changeAgent } from '../../src/agents/change-agents.ts';
import { isWider } from '../../src/agents/is-wider.ts';
import { termFlags, termsFrom } from '../../src/cli/agents/term-flags.ts';
import { policyText } from '../../src/cli/agents/terms-text.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { byPerson } from '../../src/cli/by-person.ts';
import { confirmWidening } from '../../src/cli/guard.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AgentsSet extends BaseCommand {
  static override summary = 'Change what an agent may do. It counts from its next request on.';
  static override description =
    'What is not named stays. "any" takes a limit away, "never" an expiry. Allowing more asks for the guard passphrase where one is set.';
  static override examples = [
    '<%= config.bin %> agents set reviewer --can anthropic --rpm 20',
    '<%= config.bin %> agents set reviewer --models any --expires-in never',
  ];
  static override args = { name: Args.string({ required: true, description: 'an agent id' }) };
  static override flags = termFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AgentsSet);
    const agentId = parseAgentId(args.name);
    const stores = this.app.stores();
    const before = stores.agents.get(agentId);
    if (!before) throw agentNotFound(agentId);
    const terms = termsFrom(this.app, flags, before);
    if (Object.keys(terms).length === 0) throw nothingToChange(agentId);
    if (isWider(before, terms)) await confirmWidening(this.app, `let the agent ${agentId} do more`);
    changeAgent(stores, agentId, terms, byPerson(this.app));
    const { policy, expiresAtMs, labels } = stores.agents.get(agentId)!;
    const { host, user } = gatewayHost();
    this.log(`Changed the agent ${agentId} on ${user}@${host}. It may use: ${policyText(policy)}.`);
    return { agentId, policy, expiresAt: expiresAtMs, labels, gatewayHost: host };
  }
}

function nothingToChange(agentId: string): MoltbotError {
  return new MoltbotError('USAGE', 'Nothing to change was named.', {
    hint: `For example: moltbot agents set ${agentId} --rpm 20`,
  });
}
