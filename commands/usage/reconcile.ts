import { Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { readExportFile } from '../../src/cli/usage/read-export-file.ts';
import { reconcileText } from '../../src/cli/usage/reconcile-text.ts';
import { readExport } from '../../src/ledger/reconcile/provider-export.ts';
import { reconcile } from '../../src/ledger/reconcile/reconcile.ts';

export default class UsageReconcile extends BaseCommand {
  static override summary =
    "Our figures beside the provider's own, by day and model: what its export says more or less.";
  static override description =
    'Takes the usage or cost export of the Anthropic console or the OpenAI platform, as it is downloaded. The difference is theirs minus ours. Days are UTC; ours are those of the moment a request was let out, so one that ran past midnight may stand on another day there. Anthropic rounds each line of a cost export to a cent. What a simulator answered or a subscription paid for is on no such bill and is left out; what was used with the same account outside of this gateway is a difference.';
  static override examples = [
    '<%= config.bin %> usage reconcile --provider anthropic --csv usage.csv',
    '<%= config.bin %> usage reconcile --provider openai --csv costs.csv --all --json',
  ];
  static override flags = {
    provider: Flags.option({ options: ['anthropic', 'openai'], description: 'whose export it is', required: true })(),
    csv: Flags.string({ description: 'the file', required: true, helpValue: '<file>' }),
    all: Flags.boolean({ description: 'also what is the same' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(UsageReconcile);
    const theirs = readExport(readExportFile(flags.csv), flags.provider);
    const result = reconcile(this.app.storesForReading()?.database, flags.provider, theirs);
    this.log(reconcileText(result, flags.all));
    const { lines, from, until, ...rest } = result;
    return {
      schemaVersion: 1,
      provider: flags.provider,
      from: from ?? null,
      until: until ?? null,
      ...rest,
      items: lines,
    };
  }
}
