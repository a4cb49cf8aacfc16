import { Histogram, type MetricValueWithName } from 'prom-client';
import type { Distribution } from '../../gateway/state/distribution.ts';

const MS_PER_SECOND = 1_000;

/**
 * A histogram whose buckets were counted elsewhere: prom-client's own can only be told single values. Milliseconds become
 * seconds, Prometheus' unit of time.
 */
export class CountedHistogram extends Histogram {
  readonly #text: { readonly name: string; readonly help: string };
  readonly #labelName: string | undefined;
  readonly #distribution: Distribution;

  /** Without a label name all is one series. */
  constructor(name: string, help: string, labelName: string | undefined, distribution: Distribution) {
    super({ name, help, registers: [] });
    this.#text = { name, help };
    this.#labelName = labelName;
    this.#distribution = distribution;
  }

  /** What a registry asks a metric for when it writes its text. */
  getForPromString(): Promise<object> {
    return Promise.resolve({ ...this.#text, type: 'histogram', values: this.#values() });
  }

  #values(): MetricValueWithName<string>[] {
    const { name } = this.#text;
    return this.#distribution.list().flatMap(({ label, upTo, count, sum }) => {
      const labels: Record<string, string> = this.#labelName === undefined ? {} : { [this.#labelName]: label };
      const bucket = (le: number | string, value: number) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le },
        value,
      });
      return [
        ...upTo.map((value, at) => bucket(this.#distribution.bounds[at]! / MS_PER_SECOND, value)),
        bucket('+Inf', count),
        { metricName: `${name}_sum`, labels, value: sum / MS_PER_SECOND },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
  }
}
