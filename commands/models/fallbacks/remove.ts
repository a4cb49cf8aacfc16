import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { modelsOf } from '../../../src/config/agent-view.ts';
import { chooseModel } from '../../../src/config/choose-model.ts';
import { fallbackEdits } from '../../../src/config/fallback-edits.ts';
import type { LoadedConfig } from '../../../src/config/load.ts';
import { formatModelRef } from '../../../src/config/model-ref.ts';

export default class ModelsFallbacksRemove extends BaseCommand {
  static override summary = 'Take a model out of the fallbacks.';
  static override examples = ['<%= config.bin %> models fallbacks remove anthropic/claude-haiku-4-5'];
  static override args = { ref: Args.string({ required: true, description: 'provider/model or an alias' }) };
  static override flags = { ...agentFlag };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ModelsFallbacksRemove);
    const { config } = this.app.config();
    const agentId = agentOf(flags);
    const ref = chooseModel(config, this.app.providers(), args.ref, true);
    const decide = (loaded: LoadedConfig) => fallbackEdits(loaded, agentId, { remove: ref });
    const { report, text, loaded } = changeConfig(this.app, decide, agentId);
    const fallbacks = modelsOf(loaded.config, agentId).fallbacks.map(formatModelRef);
    this.log(`Fallbacks: ${fallbacks.join(', ') || 'none'}. ${text}`);
    return { ...report, fallbacks };
  }
}
