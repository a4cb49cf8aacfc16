import { once } from 'node:events';
import { join } from 'node:path';
import type { ClosedLoopJob, ClosedLoopResult, Job, StreamsJob, StreamsResult } from './jobs.ts';
import { type Started, start } from './processes.ts';

/** What every row works with: the upstream, and a client that does jobs. */
export interface Laboratory {
  /** How often each thing is measured, and for how long at a time. */
  readonly runs: number;
  readonly seconds: number;
  readonly ports: { readonly json: number; readonly events: number };
  load(job: ClosedLoopJob): Promise<ClosedLoopResult>;
  /** `opened` is called when all streams are open; held ones go on afterwards. */
  stream(job: StreamsJob, opened?: () => Promise<void> | void): Promise<StreamsResult>;
  close(): Promise<void>;
}

export async function openLaboratory(options: { runs: number; seconds: number }): Promise<Laboratory> {
  const upstream = startOwn('upstream.ts');
  const client = startOwn('load.ts');
  const [{ ports }] = (await once(upstream.child, 'message')) as [{ ports: Laboratory['ports'] }];
  return {
    ...options,
    ports,
    load: (job) => doJob<ClosedLoopResult>(client, job, () => undefined),
    stream: (job, opened) =>
      doJob<StreamsResult>(client, job, async () => {
        await opened?.();
        if (job.plan.mode === 'held') upstream.child.send('go on');
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
