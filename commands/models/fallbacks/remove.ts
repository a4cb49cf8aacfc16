import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { chooseModel } from '../../../src/config/choose-model.ts';
import { fallbackEdits } from '../../../src/config/fallback-edits.ts';

export default class ModelsFallbacksRemove extends BaseCommand {
  static override summary = 'Take a model out of the fallbacks.';
  static override examples = ['<%= config.bin %> models fallbacks remove anthropic/claude-haiku-4-5'];
  static override args = { ref: Args.string({ required: true, description: 'provider/model or an alias' }) };
  static override flags = { ...agentFlag };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ModelsFallbacksRemove);
    const loaded = this.app.config();
    const agentId = agentOf(flags);
    const ref = chooseModel(loaded.config, this.app.providers(), args.ref, true);
    const { edits, fallbacks } = fallbackEdits(loaded, agentId, { remove: ref });
    const { report, text } = changeConfig(this.app, edits, agentId);
    this.log(`Fallbacks: ${fallbacks.join(', ') || 'none'}. ${text}`);
    return { ...report, fallbacks };
  }
}
