import { Args } from '@oclif/core';
import { auditedRewrite } from '../../src/cli/audited-edit.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmConfigText } from '../../src/cli/confirm-config.ts';
import { readVersion } from '../../src/config/versions.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class ConfigRestore extends BaseCommand {
  static override summary = 'Put a kept version of the config back; the present one is kept in its place.';
  static override examples = ['<%= config.bin %> config restore 1'];
  static override args = { version: Args.string({ required: true, description: 'a number of `config history`' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(ConfigRestore);
    const version = Number(args.version);
    const { configFile, versionsDir } = this.app.paths;
    const text = readVersion(versionsDir, args.version);
    await confirmConfigText(this.app, text);
    const { changed } = auditedRewrite(this.app, () => text, { evenIfInvalid: true });
    const { host } = gatewayHost();
    this.log(
      changed
        ? `Put version ${version} back as ${configFile} (gateway host ${host}). Undo: moltbot config restore 1`
        : `${configFile} is version ${version} already.`,
    );
    return { changed, version, configPath: configFile, gatewayHost: host };
  }
}
