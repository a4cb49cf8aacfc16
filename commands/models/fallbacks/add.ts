import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { chooseModel } from '../../../src/config/choose-model.ts';
import { fallbackEdits } from '../../../src/config/fallback-edits.ts';
import { formatModelRef } from '../../../src/config/model-ref.ts';

export default class ModelsFallbacksAdd extends BaseCommand {
  static override summary = 'Add a model after the other fallbacks.';
  static override examples = ['<%= config.bin %> models fallbacks add anthropic/claude-haiku-4-5'];
  static override args = { ref: Args.string({ required: true, description: 'provider/model or an alias' }) };
  static override flags = {
    ...agentFlag,
    force: Flags.boolean({ description: 'take a model the catalog does not know' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ModelsFallbacksAdd);
    const loaded = this.app.config();
    const agentId = agentOf(flags);
    const ref = chooseModel(loaded.config, this.app.providers(), args.ref, flags.force);
    const { edits, fallbacks } = fallbackEdits(loaded, agentId, { add: ref });
    const { report, text } = changeConfig(this.app, edits, agentId);
    this.log(`Fallbacks: ${fallbacks.join(', ')}. ${text}`);
    return { ...report, fallbacks, model: formatModelRef(ref) };
  }
}
