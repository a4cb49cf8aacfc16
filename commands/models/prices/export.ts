import { type CatalogFile, fileModel } from '../../../src/catalog/catalog-file.ts';
import { catalogInForce } from '../../../src/catalog/in-force.ts';
import { BaseCommand } from '../../../src/cli/base-command.ts';

export default class ModelsPricesExport extends BaseCommand {
  static override summary =
    'Write the models and prices of the catalog in force, in the form that "models prices update" reads.';
  static override description =
    'Dollars per million tokens, at most three decimals. Leave out what is not known (it is never free), give "from" and "until" as days (UTC), and change "asOf" to the day on which you read the figures. Your own prices in the config are not in it.';
  static override examples = ['<%= config.bin %> models prices export > prices.json5'];

  async run(): Promise<CatalogFile> {
    await this.parse(ModelsPricesExport);
    const { asOf, models } = catalogInForce();
    const file = { asOf, models: models.map(fileModel) };
    this.log(JSON.stringify(file, null, 2));
    return file;
  }
}
