import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../../src/cli/base-command.ts';
import { changeConfig } from '../../../../src/cli/change-config.ts';
import { parseOrder } from '../../../../src/cli/parse-order.ts';
import { agentEdits } from '../../../../src/config/agent-edits.ts';
import { servingId, servingRecords } from '../../../../src/profiles/serving-records.ts';
import { findProvider } from '../../../../src/providers/registry.ts';

export default class ModelsAuthOrderSet extends BaseCommand {
  static override summary = 'Use exactly these profiles of a provider, in this order.';
  static override examples = [
    '<%= config.bin %> models auth order set --provider anthropic anthropic:work anthropic:default',
  ];
  static override strict = false;
  static override args = { ids: Args.string({ required: true, description: 'profile ids, the first to use first' }) };
  static override flags = {
    ...agentFlag,
    provider: Flags.string({ char: 'p', required: true, description: 'a provider id' }),
    force: Flags.boolean({ description: 'take profiles the agent does not have (yet)' }),
  };

  async run(): Promise<object> {
    const { argv, flags } = await this.parse(ModelsAuthOrderSet);
    const { id: provider } = findProvider(this.app.providers(), flags.provider);
    const agentId = agentOf(flags);
    const stores = this.app.storesForReading();
    const records = stores ? servingRecords(stores.profiles, stores.grants, agentId) : [];
    const known = flags.force ? undefined : records.map(servingId);
    const order = parseOrder(argv.map(String), { agentId, provider, known });
    const path = ['auth', 'order', provider];
    const { report, text } = changeConfig(this.app, ({ raw }) => agentEdits(raw, agentId, path, order), agentId);
    this.log(`${provider}: ${order.join(', ')}. ${text}`);
    return { ...report, provider, order };
  }
}
