export interface ReadMetrics {
  /** Metric name → type. */
  readonly types: ReadonlyMap<string, string>;
  /** `name{labels}` as written → value. */
  readonly samples: ReadonlyMap<string, number>;
}

/** Reads Prometheus' text format and fails on any line that is not of it. */
export function readMetrics(text: string): ReadMetrics {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of text.split('\n').filter(Boolean)) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    const sample = /^([a-z_]+(?:\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})?) (\S+)$/.exec(line);
    if (type) types.set(type[1]!, type[2]!);
    else if (sample && !Number.isNaN(Number(sample[2]))) samples.set(sample[1]!, Number(sample[2]));
    else if (!/^# HELP [a-z_]+ \S/.test(line)) throw new Error(`not a line of Prometheus' text format: ${line}`);
  }
  return { types, samples };
}
