import { type Contestant, startContestants, stopContestants } from '../contestants.ts';
import { type Figure, figure, type Side } from '../figure.ts';
import type { Laboratory, StreamMoments } from '../laboratory.ts';
import { cpuMs, residentKb } from '../processes.ts';

const STREAMS = 2000;
/** So that the heap has its working size before anything is counted. */
const WARM_UP_STREAMS = 500;
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
    line('CPU of opening and ending them', 'ms', 'openCpuMs', 'ratio', 1.3),
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
  const wave = (streams: number, moments?: StreamMoments) =>
    laboratory.stream({ kind: 'streams', target, streams, openAtOnce: 32, plan: PLAN }, moments);
  await wave(WARM_UP_STREAMS);
  const at = () => ({ cpuMs: cpuMs(pid!), kb: residentKb(pid!) });
  const marks = [at()];
  const mark = () => {
    marks.push(at());
  };
  await wave(STREAMS, { opened: mark, passed: mark });
  const [start, opened, passed, ended] = [...marks, at()] as [Mark, Mark, Mark, Mark];
  await wave(STREAMS);
  return {
    openCpuMs: opened.cpuMs - start.cpuMs + ended.cpuMs - passed.cpuMs,
    eventsCpuMs: passed.cpuMs - opened.cpuMs,
    kbPerStream: (passed.kb - start.kb) / STREAMS,
    firstKb: ended.kb,
    secondKb: residentKb(pid!),
  };
}

interface Mark {
  readonly cpuMs: number;
  readonly kb: number;
}
