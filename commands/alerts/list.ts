import { Flags } from '@oclif/core';
import { alertJson } from '../../src/alerts/alert-json.ts';
import { BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';
import { formatTime } from '../../src/core/time.ts';

export default class AlertsList extends BaseCommand {
  static override summary = 'List what people were told in the last 90 days, newest first.';
  static override examples = ['<%= config.bin %> alerts list', '<%= config.bin %> alerts list --limit 5 --json'];
  static override flags = {
    limit: Flags.integer({ char: 'n', description: 'how many of the newest', default: 50, min: 1, max: 100_000 }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(AlertsList);
    const alerts = this.app.storesForReading()?.alerts.newest({ limit: flags.limit }) ?? [];
    const rows = alerts.map(({ atMs, kind, text }) => [formatTime(atMs), kind, text]);
    this.log(table(['AT', 'KIND', 'ALERT'], rows, 'Nobody was told of anything yet. Try it: moltbot alerts test'));
    return jsonList(alerts.map(alertJson));
  }
}
