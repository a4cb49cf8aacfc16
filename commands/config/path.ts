import { BaseCommand } from '../../src/cli/base-command.ts';

export default class ConfigPath extends BaseCommand {
  static override summary = 'Print where the config file is (or would be).';
  static override examples = ['<%= config.bin %> config path'];

  async run(): Promise<object> {
    await this.parse(ConfigPath);
    const { configFile, stateDir } = this.app.paths;
    this.log(configFile);
    return { configPath: configFile, stateDir };
  }
}
