import { Args } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { changeConfig } from '../../src/cli/change-config.ts';
import { confirmConfigEdits } from '../../src/cli/confirm-config.ts';
import { budgetNotFound } from '../../src/status/budget-status.ts';

export default class BudgetRemove extends BaseCommand {
  static override summary = 'Remove a budget; what was spent stays in the ledger.';
  static override examples = ['<%= config.bin %> budget remove reviewer'];
  static override args = { name: Args.string({ required: true, description: 'the name of a budget' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(BudgetRemove);
    const edits = [{ path: ['budgets', args.name], value: undefined }];
    if (!Object.hasOwn(this.app.config().config.budgets, args.name)) throw budgetNotFound(args.name);
    await confirmConfigEdits(this.app, edits);
    const { report, text } = changeConfig(this.app, () => edits);
    this.log(`Removed budget "${args.name}": nothing caps that any more. ${text}`);
    return { ...report, name: args.name };
  }
}
