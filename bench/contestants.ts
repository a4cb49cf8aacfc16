import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Target } from './jobs.ts';
import { startGateway } from './peers/gateway.ts';
import { startNginx } from './peers/nginx.ts';
import { start } from './processes.ts';

type Named = 'direct' | 'bare' | 'nginx' | 'moltbot';

/** Something that requests can be sent to, as the load generator sees it. */
export interface Contestant {
  readonly name: Named | 'without ledger' | 'without budgets' | 'with a hard budget';
  /** Undefined for `direct`, where nothing stands between client and upstream. */
  readonly pid: number | undefined;
  readonly target: Target;
  stop(): Promise<void>;
}

/** Starts the named ones, each in front of the upstream at that port. nginx is left out when it is not installed. */
export async function startContestants(names: readonly Named[], upstreamPort: number): Promise<Contestant[]> {
  const started: Contestant[] = [];
  for (const name of names) {
    const contestant = await STARTERS[name](upstreamPort);
    if (contestant) started.push(contestant);
  }
  return started;
}

export async function stopContestants(contestants: readonly Contestant[]): Promise<void> {
  await Promise.all(contestants.map((contestant) => contestant.stop()));
}

const STARTERS: Record<Named, (upstreamPort: number) => Promise<Contestant | undefined>> = {
  direct: (port) => Promise.resolve(direct(port)),
  bare: startBare,
  nginx: startNginx,
  moltbot: startGateway,
};

function direct(port: number): Contestant {
  const target = { name: 'direct', port, path: '/v1/messages', token: 'none' };
  return { name: 'direct', pid: undefined, target, stop: () => Promise.resolve() };
}

async function startBare(upstreamPort: number): Promise<Contestant> {
  const program = join(import.meta.dirname, 'peers/bare.ts');
  const started = start('measured', process.execPath, [program, `http://127.0.0.1:${upstreamPort}`]);
  const [line] = (await once(createInterface({ input: started.child.stdout! }), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const target = { name: 'bare', port, path: '/v1/messages', token: 'none' };
  return { name: 'bare', pid: started.pid, target, stop: started.stop };
}
