import { BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';
import { listVersions } from '../../src/config/versions.ts';
import { formatTime } from '../../src/core/time.ts';

export default class ConfigHistory extends BaseCommand {
  static override summary = 'List the kept versions of the config: what it was before the last five changes.';
  static override examples = ['<%= config.bin %> config history', '<%= config.bin %> config history --json'];

  async run(): Promise<object> {
    await this.parse(ConfigHistory);
    const versions = listVersions(this.app.paths.versionsDir);
    const rows = versions.map(({ number, untilMs, path }) => [String(number), formatTime(untilMs), path]);
    this.log(
      table(['VERSION', 'UNTIL', 'FILE'], rows, 'Nothing was changed yet. Change a value: moltbot config set --help'),
    );
    return jsonList(versions.map(({ number, untilMs, path }) => ({ version: number, until: untilMs, path })));
  }
}
