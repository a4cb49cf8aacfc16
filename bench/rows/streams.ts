import { type Contestant, startContestants, stopContestants } from '../contestants.ts';
import { type Figure, figure, type Side } from '../figure.ts';
import type { StreamsJob, StreamsResult } from '../jobs.ts';
import type { Laboratory } from '../laboratory.ts';
import { alternate } from './alternate.ts';

const SHAPE = { streams: 40, openAtOnce: 1, plan: { mode: 'paced', events: 20, gapMs: 50 } } as const;

/** What the gateway adds to streams beyond a direct call; half of them are written with cuts in the middle of events. */
export async function streams(laboratory: Laboratory): Promise<Figure[]> {
  const contestants = await startContestants(['direct', 'bare', 'moltbot'], laboratory.ports.events);
  const measure = ({ target }: Contestant) => laboratory.stream({ kind: 'streams', target, ...SHAPE } as StreamsJob);
  for (const each of contestants) await measure(each);
  const all = await alternate(contestants, laboratory.runs, measure);
  await stopContestants(contestants);
  const side = (name: Contestant['name'], field: keyof StreamsResult): Side => ({
    name,
    runs: all.get(name)!.map((result) => result[field]),
  });
  const added = (what: string, field: keyof StreamsResult, value: number): Figure =>
    figure(what, 'ms', side('moltbot', field), side('direct', field), { of: 'difference', is: 'at most', value });
  return [
    added('stream: added time to first event', 'firstEventMs', 1),
    added('stream: added delay of an event', 'delayMs', 0.2),
    added('stream: added error of the gap between events', 'gapErrorMs', 0.2),
    figure('stream: events delayed to the next', 'events', side('moltbot', 'late'), side('direct', 'late'), {
      of: 'difference',
      is: 'at most',
      value: 0,
    }),
  ];
}
