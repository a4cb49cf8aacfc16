import { type Contestant, startContestants, stopContestants } from '../contestants.ts';
import { type Figure, figure, type Side } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { cpuMs, residentKb } from '../processes.ts';

const STREAMS = 2000;
/** 10,000 events in all, 4,000 a second. */
const PLAN = { mode: 'held', events: 5, gapMs: 500 } as const;

interface ManyStreams {
  readonly openCpuMs: number;
  readonly eventsCpuMs: number;
  readonly kbPerStream: number;
  /** Memory of the process when the first 2,000 were over, and when a second 2,000 were: what leaks would grow. */
  readonly firstKb: number;
  readonly secondKb: number;
}

/** 2,000 streams at once. A process of its own for each run: memory that was once taken is not given back at once. */
export async function openStreams(laboratory: Laboratory): Promise<Figure[]> {
  const all = { bare: [] as ManyStreams[], moltbot: [] as ManyStreams[] };
  for (let run = 0; run < laboratory.runs; run++) {
    for (const name of ['bare', 'moltbot'] as const) {
      const contestants = await startContestants([name], laboratory.ports.events);
      all[name].push(await measured(laboratory, contestants[0]!));
      await stopContestants(contestants);
    }
  }
  const side = (name: 'bare' | 'moltbot', field: keyof ManyStreams): Side => ({
    name,
    runs: all[name].map((each) => each[field]),
  });
  const line = (what: string, unit: string, field: keyof ManyStreams, of: 'ratio' | 'value', value: number): Figure =>
    figure(`2,000 streams: ${what}`, unit, side('moltbot', field), side('bare', field), { of, is: 'at most', value });
  return [
    line('CPU while 10,000 events pass', 'ms', 'eventsCpuMs', 'ratio', 1.3),
    line('CPU while they are opened', 'ms', 'openCpuMs', 'ratio', 1.3),
    line('memory of one', 'KB', 'kbPerStream', 'value', 40),
    figure(
      '2,000 streams: memory after a second 2,000',
      'KB',
      side('moltbot', 'secondKb'),
      { ...side('moltbot', 'firstKb'), name: 'after the first' },
      { of: 'ratio', is: 'at most', value: 1.1 },
    ),
  ];
}

async function measured(laboratory: Laboratory, { pid, target }: Contestant): Promise<ManyStreams> {
  const wave = (streams: number, opened?: () => Promise<void>) =>
    laboratory.stream({ kind: 'streams', target, streams, openAtOnce: 32, plan: PLAN }, opened);
  await wave(100);
  const startKb = residentKb(pid!);
  const startCpuMs = cpuMs(pid!);
  let openCpuMs = 0;
  let openKb = 0;
  await wave(STREAMS, async () => {
    openKb = residentKb(pid!);
    openCpuMs = cpuMs(pid!);
  });
  const endCpuMs = cpuMs(pid!);
  const firstKb = residentKb(pid!);
  await wave(STREAMS);
  return {
    openCpuMs: openCpuMs - startCpuMs,
    eventsCpuMs: endCpuMs - openCpuMs,
    kbPerStream: (openKb - startKb) / STREAMS,
    firstKb,
    secondKb: residentKb(pid!),
  };
}
