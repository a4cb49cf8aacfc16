import { Args } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { hideCredentials } from '../../src/cli/hide-credentials.ts';
import { diffLines } from '../../src/config/diff-lines.ts';
import { readConfigText } from '../../src/config/load.ts';
import { listVersions, readVersion } from '../../src/config/versions.ts';
import { printable } from '../../src/core/text.ts';

export default class ConfigDiff extends BaseCommand {
  static override summary = 'Show what changed in the config since a kept version.';
  static override examples = ['<%= config.bin %> config diff', '<%= config.bin %> config diff 3'];
  static override args = {
    version: Args.string({ description: 'a number of `config history` (1, the newest, unless said)' }),
  };

  async run(): Promise<object> {
    const { args } = await this.parse(ConfigDiff);
    const { configFile, versionsDir } = this.app.paths;
    if (args.version === undefined && listVersions(versionsDir).length === 0) {
      this.log('Nothing was changed yet. Change a value: moltbot config set --help');
      return { version: null, configPath: configFile, lines: [] };
    }
    const typed = args.version ?? '1';
    const version = Number(typed);
    const before = hideCredentials(readVersion(versionsDir, typed));
    const lines = diffLines(before, hideCredentials(readConfigText(configFile) ?? ''));
    const changed = lines.filter(({ sign }) => sign !== ' ');
    for (const { sign, text } of changed) this.log(`${sign} ${printable(text)}`);
    if (changed.length === 0) this.note(`${configFile} is the same as version ${version}.`);
    return { version, configPath: configFile, lines: changed };
  }
}
