import { parseArgs } from 'node:util';
import type { Figure, NotMeasured } from './figure.ts';
import type { Laboratory } from './laboratory.ts';
import { bookkeeping } from './rows/bookkeeping.ts';
import { crowdedState } from './rows/crowded-state.ts';
import { largeBody } from './rows/large-body.ts';
import { latency } from './rows/latency.ts';
import { ledger } from './rows/ledger.ts';
import { openStreams } from './rows/open-streams.ts';
import { streams } from './rows/streams.ts';
import { throughput } from './rows/throughput.ts';
import { usageReport } from './rows/usage-report.ts';

export type Row = (laboratory: Laboratory) => Promise<(Figure | NotMeasured)[]>;

const ROWS: Readonly<Record<string, Row>> = {
  throughput,
  latency,
  streams,
  'open-streams': openStreams,
  'large-body': largeBody,
  'crowded-state': crowdedState,
  ledger,
  bookkeeping,
  'usage-report': usageReport,
};

export interface Options {
  readonly rows: readonly (readonly [string, Row])[];
  readonly isQuick: boolean;
  /** All rows, in full: only then the results are written over the last ones. */
  readonly isWhole: boolean;
}

/** `--quick` and `--only <row>`, which may be repeated. Throws one sentence for anything else. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
  });
  const unknown = values.only?.find((name) => !(name in ROWS));
  if (unknown !== undefined)
    throw new Error(`There is no row "${unknown}"; there are: ${Object.keys(ROWS).join(', ')}.`);
  const rows = Object.entries(ROWS).filter(([name]) => values.only?.includes(name) ?? true);
  return { rows, isQuick: values.quick, isWhole: !values.quick && values.only === undefined };
}
