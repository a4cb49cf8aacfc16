import { BaseCommand, jsonList, table } from '../../../src/cli/base-command.ts';
import { aliasesOf, formatModelRef } from '../../../src/config/model-ref.ts';

export default class ModelsAliasesList extends BaseCommand {
  static override summary = 'List the short names of models.';
  static override examples = ['<%= config.bin %> models aliases list --json'];

  async run(): Promise<object> {
    await this.parse(ModelsAliasesList);
    const items = [...aliasesOf(this.app.config().config)].map(([alias, ref]) => ({ alias, ref: formatModelRef(ref) }));
    this.log(
      table(
        ['ALIAS', 'MODEL'],
        items.map(({ alias, ref }) => [alias, ref]),
        'There is no alias. Add one: moltbot models aliases add opus anthropic/claude-opus-4-5',
      ),
    );
    return jsonList(items);
  }
}
