import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../src/cli/base-command.ts';
import { budgetText } from '../../src/cli/budgets/budget-text.ts';
import { budgetOutlook } from '../../src/status/budget-status.ts';

export default class BudgetShow extends BaseCommand {
  static override summary = 'Show one budget: spent, reserved, left, when it resets, its pace, and the worst case.';
  static override description =
    'Reads only; no gateway is needed. Times are in the time zone of the config (timeZone).';
  static override examples = ['<%= config.bin %> budget show', '<%= config.bin %> budget show reviewer --json'];
  static override args = { name: Args.string({ description: 'the name of the budget; else that of the agent' }) };
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(BudgetShow);
    const { config } = this.app.config();
    const budget = budgetOutlook(this.app.storesForReading(), config, args.name ?? agentOf(flags), this.app.now());
    this.log(budgetText(budget));
    return { schemaVersion: 1, ...budget };
  }
}
