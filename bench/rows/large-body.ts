import type { BodyName } from '../bodies.ts';
import { type Contestant, startContestants, stopContestants } from '../contestants.ts';
import { type Figure, figure, type Side } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { cpuMs } from '../processes.ts';
import { alternate } from './alternate.ts';

/** CPU of a request with 5 MB of JSON: passed on as it is, and with one setting that changes it. */
export async function largeBody(laboratory: Laboratory): Promise<Figure[]> {
  const contestants = await startContestants(['bare', 'moltbot'], laboratory.ports.json);
  const figures: Figure[] = [];
  for (const { body, what, limit } of CASES) {
    for (const each of contestants) await cpuOfOne(laboratory, each, body);
    const all = await alternate(contestants, laboratory.runs, (each) => cpuOfOne(laboratory, each, body));
    const side = (name: Contestant['name']): Side => ({ name, runs: all.get(name)! });
    figures.push(
      figure(`5 MB body, ${what}`, 'CPU ms', side('moltbot'), side('bare'), {
        of: 'ratio',
        is: 'at most',
        value: limit,
      }),
    );
  }
  await stopContestants(contestants);
  return figures;
}

const CASES = [
  { body: 'large', what: 'unchanged', limit: 1.3 },
  { body: 'large-changed', what: 'changed by a setting', limit: 2 },
] as const;

async function cpuOfOne(laboratory: Laboratory, { pid, target }: Contestant, body: BodyName): Promise<number> {
  const before = cpuMs(pid!);
  const forMs = (laboratory.seconds * 1000) / 2;
  const { requests } = await laboratory.load({ kind: 'closed-loop', target, body, concurrency: 2, forMs });
  return (cpuMs(pid!) - before) / requests;
}
