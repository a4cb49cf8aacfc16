import { Flags } from '@oclif/core';
import { readStoredCatalog } from '../../../src/catalog/loaded-catalog.ts';
import { SHIPPED } from '../../../src/catalog/shipped.ts';
import { BaseCommand, table } from '../../../src/cli/base-command.ts';
import { conditionsOf, type ListedPrice, listPrices } from '../../../src/cli/prices/listed-prices.ts';
import { findProvider } from '../../../src/providers/registry.ts';

export default class ModelsPricesList extends BaseCommand {
  static override summary = 'Every price that is in force: the shipped, the loaded and your own.';
  static override description =
    'In dollars per million tokens. Your own (models.prices in the config) come before those of a loaded file, which come before the shipped ones; "?" is not known, which is not the same as free. The version is what rows of the ledger name.';
  static override examples = [
    '<%= config.bin %> models prices list',
    '<%= config.bin %> models prices list --provider anthropic --json',
  ];
  static override flags = { provider: Flags.string({ char: 'p', description: 'only of this provider' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsPricesList);
    if (flags.provider !== undefined) findProvider(this.app.providers(), flags.provider);
    const prices = listPrices(this.app.config().config, flags.provider);
    const { file, loadedAtMs } = readStoredCatalog(this.app.paths.catalogFile);
    this.log(table(HEAD, prices.map(rowOf), 'No price is known of it. Set one: moltbot config edit (models.prices)'));
    const loaded = file && { asOf: file.asOf, models: file.models.length, loadedAtMs };
    if (loaded && loaded.asOf < SHIPPED.asOf)
      this.note(`The loaded catalog (${loaded.asOf}) is older than the shipped one (${SHIPPED.asOf}).`);
    return { schemaVersion: 1, shipped: { asOf: SHIPPED.asOf }, loaded, items: prices };
  }
}

const HEAD = ['MODEL', 'WHEN', 'IN', 'OUT', 'READ', 'WRITE 5M', 'WRITE 1H', 'FROM'];

function rowOf({ ref, price, origin, asOf, confidence }: ListedPrice): string[] {
  const usd = (figure: number | undefined) => (figure === undefined ? '?' : `$${figure}`);
  const from = origin === 'config' ? 'your config' : `${origin} ${asOf}`;
  return [
    ref,
    conditionsOf(price) || '-',
    usd(price.inputUsdPerMillion),
    usd(price.outputUsdPerMillion),
    usd(price.cacheReadUsdPerMillion),
    usd(price.cacheWrite5mUsdPerMillion),
    usd(price.cacheWrite1hUsdPerMillion),
    confidence === 'secondary' ? `${from} (unconfirmed)` : from,
  ];
}
