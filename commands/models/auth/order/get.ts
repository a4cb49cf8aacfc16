import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../../src/cli/base-command.ts';
import { ownValue } from '../../../../src/config/agent-edits.ts';
import { authOrderOf } from '../../../../src/config/agent-view.ts';
import { findProvider } from '../../../../src/providers/registry.ts';

export default class ModelsAuthOrderGet extends BaseCommand {
  static override summary = 'Show in which order the profiles of a provider are used.';
  static override examples = ['<%= config.bin %> models auth order get --provider anthropic --json'];
  static override flags = {
    ...agentFlag,
    provider: Flags.string({ char: 'p', required: true, description: 'a provider id' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsAuthOrderGet);
    const { config, raw } = this.app.config();
    const { id: provider } = findProvider(this.app.providers(), flags.provider);
    const agentId = agentOf(flags);
    const order = authOrderOf(config, agentId, provider) ?? null;
    const isOwn = ownValue(raw, agentId, ['auth', 'order', provider]) !== undefined;
    const from = order === null ? 'none' : isOwn ? 'agent' : 'all agents';
    const text = order?.length === 0 ? 'no profile at all' : order?.join(', ');
    this.log(
      text === undefined
        ? `${provider}: no order is set for ${agentId}; the least recently used profile goes first.`
        : `${provider}: ${text} (set for ${isOwn ? `agent ${agentId}` : 'all agents'})`,
    );
    return { agentId, provider, order, from };
  }
}
