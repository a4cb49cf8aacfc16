import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClosedLoopJob, ClosedLoopResult, HeldWish, Job, StreamsJob, StreamsResult } from './jobs.ts';
import { type Started, start } from './processes.ts';

/** What every row works with: the upstream, and a client that does jobs. */
export interface Laboratory {
  /** How often each thing is measured, and for how long at a time. */
  readonly runs: number;
  readonly seconds: number;
  readonly ports: { readonly json: number; readonly events: number };
  load(job: ClosedLoopJob): Promise<ClosedLoopResult>;
  /** Held streams get their events once `opened` has been called, and their ends once `passed` has. */
  stream(job: StreamsJob, moments?: StreamMoments): Promise<StreamsResult>;
  close(): Promise<void>;
}

export interface StreamMoments {
  /** All streams are open. */
  opened(): void;
  /** All their events have arrived. */
  passed(): void;
}

/** The last events are still on their way when the upstream has sent them. */
const PASSING_MS = 300;

export async function openLaboratory(options: { runs: number; seconds: number }): Promise<Laboratory> {
  const upstream = startOwn('upstream.ts');
  const client = startOwn('load.ts');
  const [{ ports }] = (await once(upstream.child, 'message')) as [{ ports: Laboratory['ports'] }];
  return {
    ...options,
    ports,
    load: (job) => doJob<ClosedLoopResult>(client, job, () => undefined),
    stream: (job, moments) =>
      doJob<StreamsResult>(client, job, async () => {
        if (job.plan.mode !== 'held') return;
        moments?.opened();
        upstream.child.send('go on' satisfies HeldWish);
        await once(upstream.child, 'message');
        await sleep(PASSING_MS);
        moments?.passed();
        upstream.child.send('finish' satisfies HeldWish);
      }),
    close: async () => {
      await Promise.all([client.stop(), upstream.stop()]);
    },
  };
}

function startOwn(file: string): Started {
  return start('other', process.execPath, [join(import.meta.dirname, file)], { ipc: true });
}

type Message<Result> = { open: true } | { failed: string } | { result: Result };

async function doJob<Result>(client: Started, job: Job, onOpen: () => Promise<void> | void): Promise<Result> {
  client.child.send(job);
  for (;;) {
    const [message] = (await once(client.child, 'message')) as [Message<Result>];
    if ('failed' in message) throw new Error(`${job.target.name}: ${message.failed}`);
    if ('result' in message) return message.result;
    await onOpen();
  }
}
