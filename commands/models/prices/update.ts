import { Flags } from '@oclif/core';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { confirmWidening } from '../../../src/cli/guard.ts';
import { bringsNames, loadCatalog } from '../../../src/cli/prices/change-catalog.ts';
import { changeText } from '../../../src/cli/prices/change-text.ts';
import { confirmPricesUnderBudgets } from '../../../src/cli/prices/confirm-prices.ts';
import { readCatalogFile } from '../../../src/cli/prices/read-catalog-file.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class ModelsPricesUpdate extends BaseCommand {
  static override summary = 'Load models and prices from a file; a running gateway takes them over within a second.';
  static override description =
    'The file is JSON5 as "models prices export" writes it. It is checked as a whole before anything is stored. Its models stand in place of the shipped ones of the same name and beside the others; a file loaded before is replaced. Rows of the ledger keep the price they were reckoned with.';
  static override examples = [
    '<%= config.bin %> models prices export > prices.json5',
    '<%= config.bin %> models prices update --file prices.json5',
  ];
  static override flags = {
    file: Flags.string({ description: 'the models and prices', required: true, helpValue: '<file>' }),
    force: Flags.boolean({ description: 'also where it is older than what is in force' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsPricesUpdate);
    const file = readCatalogFile(flags.file);
    if (bringsNames(file)) await confirmWidening(this.app, 'load other names of models');
    else await confirmPricesUnderBudgets(this.app);
    const change = loadCatalog(this.app, file, flags.force);
    const { host, user } = gatewayHost();
    this.log(
      `Loaded ${file.models.length} ${file.models.length === 1 ? 'model' : 'models'} as of ${file.asOf} on ${user}@${host}: ${changeText(change)}.`,
    );
    return { schemaVersion: 1, asOf: file.asOf, models: file.models.length, ...change, gatewayHost: host };
  }
}
