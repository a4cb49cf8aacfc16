import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';
import { budgetTable } from '../../src/cli/budgets/budget-text.ts';
import { budgetOutlooks } from '../../src/status/budget-status.ts';

export default class BudgetList extends BaseCommand {
  static override summary =
    'List the budgets: cap, spent, reserved, left, and by how much each may be passed at worst.';
  static override description =
    'Reads only; no gateway is needed. Amounts under --json are in "unit"; a dollar is 1,000,000,000 nanoUsd.';
  static override examples = ['<%= config.bin %> budget list', '<%= config.bin %> budget list --json'];

  async run(): Promise<object> {
    await this.parse(BudgetList);
    const budgets = budgetOutlooks(this.app.storesForReading(), this.app.config().config, this.app.now());
    this.log(budgetTable(budgets));
    return jsonList(budgets);
  }
}
