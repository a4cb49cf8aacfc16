import { Args } from '@oclif/core';
import { agentNotFound } from '../../src/agents/change-agents.ts';
import { policyText, stateText } from '../../src/cli/agents/terms-text.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { printable } from '../../src/core/text.ts';
import { formatTime } from '../../src/core/time.ts';
import { type KnownAgent, knownAgents } from '../../src/status/agent-overview.ts';
import { spendLimitText } from '../../src/status/spend-limit-text.ts';

export default class AgentsShow extends BaseCommand {
  static override summary = 'Show one agent: state, what it may use, profiles, tokens.';
  static override examples = ['<%= config.bin %> agents show main', '<%= config.bin %> agents show reviewer --json'];
  static override args = { name: Args.string({ required: true, description: 'an agent id' }) };

  async run(): Promise<KnownAgent> {
    const { args } = await this.parse(AgentsShow);
    const agentId = parseAgentId(args.name);
    const agent = knownAgents(this.app).find(({ id }) => id === agentId);
    if (!agent) throw agentNotFound(agentId);
    this.log(textOf(agent));
    return agent;
  }
}

function textOf(agent: KnownAgent): string {
  const labels = Object.entries(agent.labels).map(([name, value]) => `${name}=${value}`);
  const lines = [
    ['Agent', agent.id],
    ['State', stateText(agent)],
    ...(agent.pause?.cause === 'provider_spend_limit' ? [['Pause', spendLimitText(agent.pause, agent.id)]] : []),
    ['May use', policyText(agent.policy)],
    ['Profiles', agent.profiles.join(', ') || `none; add one: moltbot models auth add --agent ${agent.id}`],
    ['Tokens', `${agent.liveTokens} live`],
    ...(labels.length > 0 ? [['Labels', labels.join(', ')]] : []),
    ...(agent.createdAt === null ? [] : [['Since', formatTime(agent.createdAt)]]),
  ];
  return lines.map(([name, value]) => `${name!.padEnd(10)}${printable(value!)}`).join('\n');
}
