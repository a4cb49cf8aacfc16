import type { Job } from './jobs.ts';
import { closedLoop } from './load/closed-loop.ts';
import { streams } from './load/streams.ts';

/** The client of the benchmark, a process of its own: does one job at a time and sends back what it measured. */
process.on('message', (job: Job) => {
  const work = job.kind === 'closed-loop' ? closedLoop(job) : streams(job, () => process.send!({ open: true }));
  work.then(
    (result) => process.send!({ result }),
    (error: unknown) => process.send!({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
