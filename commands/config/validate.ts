import { BaseCommand } from '../../src/cli/base-command.ts';
import { unsetReferences } from '../../src/config/environment.ts';
import { validateConfig } from '../../src/config/load.ts';

export default class ConfigValidate extends BaseCommand {
  static override summary = 'Check the config file: every mistake with line, column, key and what was expected.';
  static override examples = ['<%= config.bin %> config validate', '<%= config.bin %> config validate --json'];

  async run(): Promise<object> {
    await this.parse(ConfigValidate);
    const { configFile } = this.app.paths;
    const { exists, raw } = validateConfig(configFile, process.env);
    const unset = unsetReferences(raw, process.env);
    for (const { key, variable } of unset) this.note(`${key} needs ${variable}, which is not set here.`);
    this.log(exists ? `${configFile} is valid.` : `There is no ${configFile}; everything has its default.`);
    return { valid: true, configPath: configFile, exists, unset };
  }
}
