import { type Contestant, startContestants, stopContestants } from '../contestants.ts';
import { type Figure, figure, type Side } from '../figure.ts';
import type { ClosedLoopResult } from '../jobs.ts';
import type { Laboratory } from '../laboratory.ts';
import { alternate } from './alternate.ts';

/** What is less than this beyond the direct call cannot be told from noise. */
const LEAST_ADDED_US = 1;

/** What each proxy adds to a direct call, one request at a time and ten. */
export async function latency(laboratory: Laboratory): Promise<Figure[]> {
  const contestants = await startContestants(['direct', 'bare', 'moltbot'], laboratory.ports.json);
  const figures: Figure[] = [];
  for (const concurrency of [1, 10]) {
    const measure = (each: Contestant, seconds: number) =>
      laboratory.load({
        kind: 'closed-loop',
        target: each.target,
        body: 'small',
        concurrency,
        forMs: seconds * 1000,
      });
    for (const each of contestants) await measure(each, 2);
    const all = await alternate(contestants, laboratory.runs, (each) => measure(each, laboratory.seconds / 2));
    figures.push(added(all, concurrency, 'p50Us', 1.5), added(all, concurrency, 'p99Us', 2));
  }
  await stopContestants(contestants);
  return figures;
}

function added(
  all: ReadonlyMap<Contestant['name'], readonly ClosedLoopResult[]>,
  concurrency: number,
  which: 'p50Us' | 'p99Us',
  limit: number,
): Figure {
  const side = (name: 'bare' | 'moltbot'): Side => ({
    name,
    runs: all
      .get(name)!
      .map((result, run) => Math.max(LEAST_ADDED_US, result[which] - all.get('direct')![run]![which])),
  });
  const what = `added latency, ${concurrency} at a time, ${which.slice(0, 3)}`;
  return figure(what, 'µs', side('moltbot'), side('bare'), { of: 'ratio', is: 'at most', value: limit });
}
