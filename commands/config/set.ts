import { Args } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { changeConfig } from '../../src/cli/change-config.ts';
import { confirmConfigEdits } from '../../src/cli/confirm-config.ts';
import { hideCredentials } from '../../src/cli/hide-credentials.ts';
import { assertKnown } from '../../src/config/config-value.ts';
import { parsePath, parseValue } from '../../src/config/path.ts';
import { MoltbotError } from '../../src/core/errors.ts';

export default class ConfigSet extends BaseCommand {
  static override summary = 'Change one value in your config file and nothing else in it.';
  static override description =
    'Values are JSON5; a bare word is a string. Comments, order, quotes and ${VAR} stay as you wrote them.';
  static override examples = [
    '<%= config.bin %> config set gateway.port 8410',
    '<%= config.bin %> config set auth.order.anthropic \'["anthropic:work", "anthropic:default"]\'',
    `<%= config.bin %> config set 'agents.defaults.models["anthropic/claude-opus-4-5"].params.cacheControlTtl' 1h`,
  ];
  static override args = {
    path: Args.string({ required: true, description: 'dotted, quoted keys in brackets' }),
    value: Args.string({ required: true, description: 'JSON5, or a bare word' }),
  };

  async run(): Promise<object> {
    const { args } = await this.parse(ConfigSet);
    refuseCredential(args.value);
    const path = parsePath(args.path);
    assertKnown(path);
    const value = parseValue(args.value);
    await confirmConfigEdits(this.app, [{ path, value }]);
    const { report, text } = changeConfig(this.app, () => [{ path, value }]);
    this.log(text);
    return report;
  }
}

/** Arguments end in shell histories, and the config is no place for keys. */
function refuseCredential(value: string): void {
  if (hideCredentials(value) === value) return;
  throw new MoltbotError('USAGE', 'The value looks like a credential, which does not belong into the config.', {
    hint: "Keep it in the vault (moltbot models auth add), or name a variable: moltbot config set env.ANTHROPIC_API_KEY '${WORK_KEY}'",
  });
}
