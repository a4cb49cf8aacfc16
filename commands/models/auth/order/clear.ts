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
    const agentId = agentOf(flags);
    const path = ['auth', 'order', provider];
    const { report, text, loaded } = changeConfig(
      this.app,
      ({ raw }) => agentEdits(raw, agentId, path, undefined),
      agentId,
    );
    this.log(text);
    const shared = loaded.config.auth.order[provider];
    if (shared) this.note(`The order of all agents applies now: ${shared.join(', ')} (auth.order.${provider}).`);
    return { ...report, provider, order: shared ?? null };
  }
}
