import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';
import { type ListedModel, listModels } from '../../src/cli/list-models.ts';
import { findProvider } from '../../src/providers/registry.ts';

export default class ModelsList extends BaseCommand {
  static override summary = 'List the models in use, or what the catalog has, with limits and prices.';
  static override examples = [
    '<%= config.bin %> models list',
    '<%= config.bin %> models list --provider anthropic',
    '<%= config.bin %> models list --all --json',
  ];
  static override flags = {
    ...agentFlag,
    provider: Flags.string({
      char: 'p',
      description: "the catalog of one provider, and that provider's models in use",
    }),
    all: Flags.boolean({ description: 'the whole catalog' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsList);
    if (flags.provider !== undefined) findProvider(this.app.providers(), flags.provider);
    const models = listModels(this.app.config().config, agentOf(flags), this.app.now(), flags);
    this.log(
      table(
        ['MODEL', 'USED AS', 'CONTEXT', 'MAX OUT', 'VISION', 'PRICE'],
        models.map(rowOf),
        'No model is chosen yet. See what there is: moltbot models list --all; choose one: moltbot models set anthropic/claude-haiku-4-5',
      ),
    );
    return jsonList(models);
  }
}

function rowOf(model: ListedModel): string[] {
  const uses = [...model.uses, ...model.aliases.map((alias) => `alias ${alias}`)];
  return [
    model.ref,
    uses.join(', ') || '-',
    tokens(model.contextTokens),
    tokens(model.maxOutputTokens),
    model.vision === null ? '?' : model.vision ? 'yes' : 'no',
    model.price,
  ];
}

function tokens(count: number | null): string {
  return count === null ? '?' : count.toLocaleString('en-US');
}
