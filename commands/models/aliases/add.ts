import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { addAliasEdits } from '../../../src/config/alias-edits.ts';
import { chooseModel } from '../../../src/config/choose-model.ts';
import { formatModelRef } from '../../../src/config/model-ref.ts';

export default class ModelsAliasesAdd extends BaseCommand {
  static override summary = 'Give a model a short name; a model has one, a new one replaces it.';
  static override examples = ['<%= config.bin %> models aliases add opus anthropic/claude-opus-4-5'];
  static override args = {
    alias: Args.string({ required: true, description: 'the short name' }),
    ref: Args.string({ required: true, description: 'provider/model' }),
  };
  static override flags = { force: Flags.boolean({ description: 'take a model the catalog does not know' }) };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ModelsAliasesAdd);
    const { config } = this.app.config();
    const ref = chooseModel(config, this.app.providers(), args.ref, flags.force);
    const { report, text } = changeConfig(this.app, (loaded) => addAliasEdits(loaded, args.alias, ref));
    this.log(`${args.alias} stands for ${formatModelRef(ref)}. ${text}`);
    return { ...report, alias: args.alias, model: formatModelRef(ref) };
  }
}
