import { Args } from '@oclif/core';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { removeAliasEdits } from '../../../src/config/alias-edits.ts';

export default class ModelsAliasesRemove extends BaseCommand {
  static override summary = 'Take a short name away; the model stays usable.';
  static override examples = ['<%= config.bin %> models aliases remove opus'];
  static override args = { alias: Args.string({ required: true, description: 'the short name' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(ModelsAliasesRemove);
    const { report, text } = changeConfig(this.app, (loaded) => removeAliasEdits(loaded, args.alias));
    this.log(text);
    return { ...report, alias: args.alias };
  }
}
