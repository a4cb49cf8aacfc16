import { type Contestant, startContestants, stopContestants } from '../contestants.ts';
import { type Figure, figure, type NotMeasured, type Side } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { NGINX_HINT } from '../peers/nginx.ts';
import { cpuMs } from '../processes.ts';
import { median } from '../statistics.ts';
import { alternate } from './alternate.ts';

const CONCURRENCY = 32;
/** A gateway runs for days; the first requests cost up to twice as much, because they are interpreted and then compiled. */
const WARM_UP_REQUESTS = 20_000;

interface Throughput {
  readonly requests: number;
  readonly perCoreSecond: number;
  readonly perSecond: number;
  readonly utilisation: number;
}

/** Requests per second of one core: 1 KB in, 2 KB out, 32 at a time. */
export async function throughput(laboratory: Laboratory): Promise<(Figure | NotMeasured)[]> {
  const contestants = await startContestants(['bare', 'nginx', 'moltbot'], laboratory.ports.json);
  await warmUp(laboratory, contestants);
  const all = await alternate(contestants, laboratory.runs, (each) => loaded(laboratory, each, laboratory.seconds));
  await stopContestants(contestants);
  const side = (name: Contestant['name']): Side => ({ name, runs: all.get(name)!.map((each) => each.perCoreSecond) });
  const against = (name: 'bare' | 'nginx', value: number): Figure =>
    figure(
      `throughput, 1 KB in / 2 KB out, ${CONCURRENCY} at a time`,
      'requests per CPU second',
      side('moltbot'),
      side(name),
      { of: 'ratio', is: 'at least', value },
      `on the clock: moltbot ${clock(all.get('moltbot')!)}, ${name} ${clock(all.get(name)!)}`,
    );
  const nginx = all.has('nginx')
    ? against('nginx', 0.25)
    : { what: 'throughput against nginx', notMeasured: NGINX_HINT };
  return [against('bare', 0.6), nginx];
}

/** In turns, as they are measured: Node throws compiled code away while a process is idle, so the last one would win. */
export async function warmUp(laboratory: Laboratory, contestants: readonly Contestant[]): Promise<void> {
  const served = new Map(contestants.map(({ name }) => [name, 0]));
  while (Math.min(...served.values()) < WARM_UP_REQUESTS) {
    for (const each of contestants) {
      const { requests } = await loaded(laboratory, each, 1);
      served.set(each.name, served.get(each.name)! + requests);
    }
  }
}

/** The small request, 32 at a time, for that long. */
export async function loaded(
  laboratory: Laboratory,
  { pid, target }: Contestant,
  seconds: number,
): Promise<Throughput> {
  const before = cpuMs(pid!);
  const result = await laboratory.load({
    kind: 'closed-loop',
    target,
    body: 'small',
    concurrency: CONCURRENCY,
    forMs: seconds * 1000,
  });
  const cpuSeconds = (cpuMs(pid!) - before) / 1000;
  return {
    requests: result.requests,
    perCoreSecond: result.requests / cpuSeconds,
    perSecond: result.requests / result.seconds,
    utilisation: cpuSeconds / result.seconds,
  };
}

function clock(runs: readonly Throughput[]): string {
  const perSecond = Math.round(median(runs.map((each) => each.perSecond)));
  return `${perSecond}/s at ${Math.round(100 * median(runs.map((each) => each.utilisation)))} % of its core`;
}
