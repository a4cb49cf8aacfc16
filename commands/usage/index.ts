import { Flags } from '@oclif/core';
import { sinceOf } from '../../src/cli/audit/since.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { usageCsv } from '../../src/cli/usage/usage-csv.ts';
import { usageFlags } from '../../src/cli/usage/usage-flags.ts';
import { usageText } from '../../src/cli/usage/usage-text.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { NO_REPORT, USAGE_GROUPS, type UsageGroup, usageReport } from '../../src/ledger/usage-report.ts';
import { usageJson } from '../../src/status/usage-json.ts';

export default class Usage extends BaseCommand {
  static override summary =
    'What was used and what it cost: requests, tokens and dollars, by agent, provider, model, profile, day or label.';
  static override description =
    'A request is one attempt that was let out to a provider. Days begin and end in the time zone of the configuration (timeZone). What has no known price is counted beside the sums, never as zero; what a simulator answered is left out. SAVED is what the tokens read from caches would have cost more as plain input. WASTED is what tokens cost more than plain input that were written to a cache and gone from it before the same session read them. Labels are what requests say of themselves: x-moltbot-label-feature, x-moltbot-label-project.';
  static override examples = [
    '<%= config.bin %> usage',
    '<%= config.bin %> usage --by model --since 7d',
    '<%= config.bin %> usage --by feature',
    '<%= config.bin %> usage --by day --csv > usage.csv',
  ];
  static override flags = {
    by: Flags.option({ options: USAGE_GROUPS, description: 'what a line is', default: 'agent' as UsageGroup })(),
    ...usageFlags,
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Usage);
    const nowMs = this.app.now();
    const sinceMs = sinceOf(flags.since, nowMs);
    const agentId = flags.agent === undefined ? undefined : parseAgentId(flags.agent);
    const database = this.app.storesForReading()?.database;
    const { models, timeZone } = this.app.config().config;
    const query = { sinceMs, nowMs, by: flags.by, agentId, timeZone, ownPrices: models.prices };
    const report = database ? usageReport(database, query) : NO_REPORT;
    if (flags.csv) process.stdout.write(usageCsv(report, flags.by));
    else this.log(usageText(report, flags.by, timeZone));
    return usageJson(report, query);
  }
}
