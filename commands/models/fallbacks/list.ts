import { agentFlag, agentOf, BaseCommand, jsonList, table } from '../../../src/cli/base-command.ts';
import { modelsOf } from '../../../src/config/agent-view.ts';
import { formatModelRef } from '../../../src/config/model-ref.ts';

export default class ModelsFallbacksList extends BaseCommand {
  static override summary = 'List the models that answer when the default model cannot, in order.';
  static override examples = ['<%= config.bin %> models fallbacks list --json'];
  static override flags = { ...agentFlag };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsFallbacksList);
    const refs = modelsOf(this.app.config().config, agentOf(flags)).fallbacks.map(formatModelRef);
    this.log(
      table(
        ['ORDER', 'MODEL'],
        refs.map((ref, index) => [String(index + 1), ref]),
        'There is no fallback model. Add one: moltbot models fallbacks add anthropic/claude-haiku-4-5',
      ),
    );
    return jsonList(refs.map((ref, index) => ({ order: index + 1, ref })));
  }
}
