import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../src/cli/base-command.ts';
import { changeConfig } from '../../src/cli/change-config.ts';
import { modelEdits } from '../../src/config/agent-edits.ts';
import { chooseModel } from '../../src/config/choose-model.ts';
import { formatModelRef } from '../../src/config/model-ref.ts';

export default class ModelsSet extends BaseCommand {
  static override summary = 'Choose the default model, or the model of one feature.';
  static override description =
    'For the agent main this is the default of all agents; with --agent another one gets its own. It never limits which models may be used.';
  static override examples = [
    '<%= config.bin %> models set anthropic/claude-haiku-4-5',
    '<%= config.bin %> models set opus --agent reviewer',
    '<%= config.bin %> models set anthropic/claude-haiku-4-5 --feature title',
  ];
  static override args = { ref: Args.string({ required: true, description: 'provider/model or an alias' }) };
  static override flags = {
    ...agentFlag,
    feature: Flags.string({ description: 'the feature label that gets this model' }),
    force: Flags.boolean({ description: 'take a model the catalog does not know' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ModelsSet);
    const { config } = this.app.config();
    const agentId = agentOf(flags);
    const model = formatModelRef(chooseModel(config, this.app.providers(), args.ref, flags.force));
    const path = flags.feature === undefined ? ['model', 'primary'] : ['features', flags.feature, 'model'];
    const { report, text } = changeConfig(this.app, ({ raw }) => modelEdits(raw, agentId, path, model), agentId);
    this.log(`${flags.feature === undefined ? 'Default model' : `Model for ${flags.feature}`}: ${model}. ${text}`);
    return { ...report, model, ...(flags.feature !== undefined && { feature: flags.feature }) };
  }
}
