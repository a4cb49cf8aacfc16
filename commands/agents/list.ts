import { policyText, stateText } from '../../src/cli/agents/terms-text.ts';
import { BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';
import { knownAgents } from '../../src/status/agent-overview.ts';

export default class AgentsList extends BaseCommand {
  static override summary = 'List the agents with their state, what they may use, their profiles and live tokens.';
  static override examples = ['<%= config.bin %> agents list', '<%= config.bin %> agents list --json'];

  async run(): Promise<object> {
    await this.parse(AgentsList);
    const agents = knownAgents(this.app);
    const rows = agents.map((agent) => [
      agent.id,
      stateText(agent),
      policyText(agent.policy),
      agent.profiles.join(', ') || '-',
      String(agent.liveTokens),
    ]);
    const head = ['AGENT', 'STATE', 'MAY USE', 'PROFILES', 'TOKENS'];
    this.log(table(head, rows, 'There is no agent. Add one: moltbot agents add reviewer'));
    return jsonList(agents);
  }
}
