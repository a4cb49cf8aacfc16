import { Args } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { changeConfig } from '../../src/cli/change-config.ts';
import { confirmConfigEdits } from '../../src/cli/confirm-config.ts';
import { assertKnown } from '../../src/config/config-value.ts';
import { parsePath } from '../../src/config/path.ts';

export default class ConfigUnset extends BaseCommand {
  static override summary = 'Remove one value from your config file, so that its default applies.';
  static override examples = ['<%= config.bin %> config unset gateway.port'];
  static override args = { path: Args.string({ required: true, description: 'dotted, quoted keys in brackets' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(ConfigUnset);
    const path = parsePath(args.path);
    assertKnown(path);
    const edits = [{ path, value: undefined }];
    await confirmConfigEdits(this.app, edits);
    const { report, text } = changeConfig(this.app, () => edits);
    this.log(text);
    return report;
  }
}
