import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { modelsOf } from '../../../src/config/agent-view.ts';
import { chooseModel } from '../../../src/config/choose-model.ts';
import { fallbackEdits } from '../../../src/config/fallback-edits.ts';
import type { LoadedConfig } from '../../../src/config/load.ts';
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
    const { config } = this.app.config();
    const agentId = agentOf(flags);
    const ref = chooseModel(config, this.app.providers(), args.ref, flags.force);
    const decide = (loaded: LoadedConfig) => fallbackEdits(loaded, agentId, { add: ref });
    const { report, text, loaded } = changeConfig(this.app, decide, agentId);
    const fallbacks = modelsOf(loaded.config, agentId).fallbacks.map(formatModelRef);
    this.log(`Fallbacks: ${fallbacks.join(', ')}. ${text}`);
    return { ...report, fallbacks, model: formatModelRef(ref) };
  }
}
