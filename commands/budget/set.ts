import { Args } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { budgetChange, budgetName } from '../../src/cli/budgets/budget-change.ts';
import { budgetFlags } from '../../src/cli/budgets/budget-flags.ts';
import { budgetNotes, budgetSentence } from '../../src/cli/budgets/set-text.ts';
import { changeConfig } from '../../src/cli/change-config.ts';
import { confirmConfigEdits } from '../../src/cli/confirm-config.ts';
import { budgetEdits } from '../../src/config/budget-edits.ts';
import { budgetOutlook } from '../../src/status/budget-status.ts';

export default class BudgetSet extends BaseCommand {
  static override summary = 'Cap what may be spent in a time, in dollars, tokens or requests; change a cap.';
  static override description =
    'The name is that of the agent unless you give one. Of a budget that is there, only what you type changes. A soft budget (the default) holds what requests usually cost; a hard one holds the worst case of each, so that it is never passed. Budgets live in the config, under "budgets".';
  static override examples = [
    '<%= config.bin %> budget set --usd 5 --per day',
    '<%= config.bin %> budget set reviewer --usd 20 --per week --hard --agent reviewer',
    '<%= config.bin %> budget set everything --everything --usd 200 --per month --alert-at 50% --alert-at 80%',
    '<%= config.bin %> budget set opus --model opus --tokens 2000000 --per day',
    '<%= config.bin %> budget set main --usd 10',
  ];
  static override args = { name: Args.string({ description: 'the name of the budget; else that of the agent' }) };
  static override flags = budgetFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(BudgetSet);
    const name = budgetName(args.name, flags);
    const loaded = this.app.config();
    const change = budgetChange(this.app, name, flags, loaded.config.budgets[name]);
    await confirmConfigEdits(this.app, budgetEdits(loaded.raw, name, change));
    const changed = changeConfig(this.app, ({ raw }) => budgetEdits(raw, name, change));
    const budget = budgetOutlook(this.app.storesForReading(), changed.loaded.config, name, this.app.now());
    this.log(`${budgetSentence(budget)}\n${changed.text}`);
    const notes = budgetNotes(budget, this.app.storesForReading());
    for (const note of notes) this.note(note);
    return { ...changed.report, budget, notes };
  }
}
