import schema from '../../config-schema/moltbot.schema.json' with { type: 'json' };
import { BaseCommand } from '../../src/cli/base-command.ts';

export default class ConfigSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of the config, for editors and for reading.';
  static override examples = ['<%= config.bin %> config schema > moltbot.schema.json'];

  async run(): Promise<object> {
    await this.parse(ConfigSchema);
    this.log(JSON.stringify(schema, null, 2));
    return schema;
  }
}
