import { Args } from '@oclif/core';
import JSON5 from 'json5';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { hideCredentials } from '../../src/cli/hide-credentials.ts';
import { configValueAt } from '../../src/config/config-value.ts';
import { formatPath, parsePath } from '../../src/config/path.ts';

export default class ConfigGet extends BaseCommand {
  static override summary = 'Show the configuration or one value of it, with defaults.';
  static override description =
    'References such as ${VAR} are shown as written. Text that looks like a credential is shortened.';
  static override examples = [
    '<%= config.bin %> config get',
    '<%= config.bin %> config get gateway.port --json',
    `<%= config.bin %> config get 'agents.defaults.models["anthropic/claude-opus-4-5"].params.cacheControlTtl'`,
  ];
  static override args = {
    path: Args.string({ description: 'dotted, quoted keys in brackets; everything if left out' }),
  };

  async run(): Promise<object> {
    const { args } = await this.parse(ConfigGet);
    const path = args.path === undefined ? [] : parsePath(args.path);
    const { value, from } = configValueAt(this.app.config(), path);
    const shown: unknown = value === undefined ? null : JSON.parse(hideCredentials(JSON.stringify(value)));
    if (from === 'nowhere') this.note(`${formatPath(path)} is not set and has no default.`);
    else this.log(typeof shown === 'string' ? shown : JSON5.stringify(shown, null, 2));
    return { path: formatPath(path), value: shown, from };
  }
}
