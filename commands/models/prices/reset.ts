import { SHIPPED } from '../../../src/catalog/shipped.ts';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { resetCatalog } from '../../../src/cli/prices/change-catalog.ts';
import { changeText } from '../../../src/cli/prices/change-text.ts';
import { confirmPricesUnderBudgets } from '../../../src/cli/prices/confirm-prices.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class ModelsPricesReset extends BaseCommand {
  static override summary = 'Go back from loaded models and prices to the shipped ones.';
  static override description =
    'Your own prices in the config stay. Rows of the ledger keep the price they were reckoned with.';
  static override examples = ['<%= config.bin %> models prices reset'];

  async run(): Promise<object> {
    await this.parse(ModelsPricesReset);
    await confirmPricesUnderBudgets(this.app);
    const { damagedFile, ...change } = resetCatalog(this.app);
    const { host, user } = gatewayHost();
    if (damagedFile !== undefined) this.note(`The loaded catalog could not be read; it is now ${damagedFile}.`);
    this.log(`The shipped models and prices (${SHIPPED.asOf}) hold on ${user}@${host}: ${changeText(change)}.`);
    return { schemaVersion: 1, asOf: SHIPPED.asOf, ...change, gatewayHost: host };
  }
}
