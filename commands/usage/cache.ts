import { sinceOf } from '../../src/cli/audit/since.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { cacheCsv, cacheText } from '../../src/cli/usage/cache-text.ts';
import { usageFlags } from '../../src/cli/usage/usage-flags.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { adviseOnCache } from '../../src/ledger/cache-advice/advise-on-cache.ts';
import { cacheAdviceJson, ttlSettingOf } from '../../src/status/cache-advice-json.ts';

export default class UsageCache extends BaseCommand {
  static override summary =
    'What prompt caches kept for 5 minutes and for 1 hour would have cost, by model, and which is cheaper.';
  static override description =
    'Replays the requests with API keys that read or wrote a cache of Anthropic: the gaps between the requests of a session decide what either lifetime would have kept. Both bills are of all that these requests used, at the prices of their day. docs/cache-advice.md says what is assumed. Set what is cheaper, or let the gateway choose: cacheControlTtl "auto".';
  static override examples = [
    '<%= config.bin %> usage cache',
    '<%= config.bin %> usage cache --agent reviewer --since 7d',
    '<%= config.bin %> usage cache --csv > cache.csv',
  ];
  static override flags = usageFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(UsageCache);
    const sinceMs = sinceOf(flags.since, this.app.now());
    const agentId = flags.agent === undefined ? undefined : parseAgentId(flags.agent);
    const { config } = this.app.config();
    const database = this.app.storesForReading()?.database;
    const query = { sinceMs, agentId, ownPrices: config.models.prices };
    const lines = database ? await adviseOnCache(database, query) : [];
    const settingOf = ttlSettingOf(config, agentId);
    if (flags.csv) process.stdout.write(cacheCsv(lines));
    else this.log(cacheText(lines, settingOf));
    return cacheAdviceJson(lines, { sinceMs, settingOf });
  }
}
