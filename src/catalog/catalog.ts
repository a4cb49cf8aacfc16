import type { CatalogModel } from './catalog-model.ts';
import type { ModelPrice } from './model-price.ts';

/** The day a provider puts behind a model's name: `-20251001`, `-2026-03-05`. */
const DATE = /-20\d{2}(-?)\d{2}\1\d{2}$/;

/** Models and how people spell them. Of a spelling that two models have, the later one's counts. */
export class Catalog {
  readonly models: readonly CatalogModel[];
  /** Every spelling of a model (its id, wire id and aliases), by provider: `anthropic/claude-opus-4.5` → the model. */
  readonly #bySpelling: ReadonlyMap<string, CatalogModel>;
  readonly #byVersion: ReadonlyMap<string, ModelPrice>;

  /** `earlier`: prices that are in no model any more, but in rows of the ledger. */
  constructor(models: readonly CatalogModel[], earlier: readonly ModelPrice[] = []) {
    this.models = models;
    this.#bySpelling = new Map(
      models.flatMap((model) =>
        [model.id, model.wireId, ...model.aliases].map((spelling) => [`${model.provider}/${spelling}`, model] as const),
      ),
    );
    const prices = [...earlier, ...models.flatMap((model) => model.prices)];
    this.#byVersion = new Map(prices.map((price) => [price.version, price]));
  }

  /** The entry of `provider/model` in any spelling, or undefined. */
  find(provider: string, text: string): CatalogModel | undefined {
    const spelling = spellingOf(text);
    return this.#bySpelling.get(`${provider}/${spelling}`) ?? this.ofDated(provider, spelling);
  }

  /** A dated name that is not listed: the provider's own id with a day behind it. */
  ofDated(provider: string, spelling: string): CatalogModel | undefined {
    const wireId = withoutDate(spelling);
    const model = this.#bySpelling.get(`${provider}/${wireId}`);
    return model?.wireId === wireId ? model : undefined;
  }

  /** The newest day, or month, on which one of its models was read. */
  get asOf(): string {
    return this.models.reduce((newest, { asOf }) => (asOf > newest ? asOf : newest), '');
  }

  priceOfVersion(version: string): ModelPrice | undefined {
    return this.#byVersion.get(version);
  }
}

/** `claude-haiku-4-5-20251001` → `claude-haiku-4-5`. */
export function withoutDate(wireId: string): string {
  return wireId.replace(DATE, '');
}

/** Names are compared in lower case and without Claude Code's context mark: `claude-sonnet-5[1m]`. */
export function spellingOf(text: string): string {
  return text.toLowerCase().replace(/\[1m\]$/, '');
}
