import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../../src/cli/base-command.ts';
import { changeConfig } from '../../../../src/cli/change-config.ts';
import { agentEdits } from '../../../../src/config/agent-edits.ts';
import { findProvider } from '../../../../src/providers/registry.ts';

export default class ModelsAuthOrderClear extends BaseCommand {
  static override summary = "Forget an agent's order of profiles: the least recently used goes first again.";
  static override examples = ['<%= config.bin %> models auth order clear --provider anthropic'];
  static override flags = {
    ...agentFlag,
    provider: Flags.string({ char: 'p', required: true, description: 'a provider id' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsAuthOrderClear);
    const { id: provider } = findProvider(this.app.providers(), flags.provider);
    const { config, raw } = this.app.config();
    const agentId = agentOf(flags);
    const { report, text } = changeConfig(
      this.app,
      agentEdits(raw, agentId, ['auth', 'order', provider], undefined),
      agentId,
    );
    this.log(text);
    const shared = config.auth.order[provider];
    if (shared) this.note(`The order of all agents applies now: ${shared.join(', ')} (auth.order.${provider}).`);
    return { ...report, provider, order: shared ?? null };
  }
}
