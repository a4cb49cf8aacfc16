import { once } from 'node:events';
import { join } from 'node:path';
import { type Figure, figure } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { filledHome } from '../peers/filled-home.ts';
import { start } from '../processes.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const CROWDED = { agents: 100, profilesPerAgent: 10, tokens: 10_000 };
const ALMOST_EMPTY = { agents: 1, profilesPerAgent: 3, tokens: 1 };

/** What prints as much as it finds may take longer for it; the others may not notice. */
const COMMANDS = [
  { args: ['models', 'status'], atMost: 1.5 },
  { args: ['agents', 'list'], atMost: 1.5 },
  { args: ['active', '--agent', 'main'], atMost: 1.5 },
  { args: ['active'], atMost: 2.5 },
] as const;

/** Commands that look at the state, with 100 agents, 1,000 profiles and 10,000 live tokens in it. */
export async function crowdedState(laboratory: Laboratory): Promise<Figure[]> {
  const homes = { crowded: filledHome(CROWDED), empty: filledHome(ALMOST_EMPTY) };
  const figures: Figure[] = [];
  for (const { args, atMost } of COMMANDS) {
    const runs = { crowded: [] as number[], empty: [] as number[] };
    await wallMs(args, homes.empty);
    for (let run = 0; run < laboratory.runs; run++) {
      for (const name of ['crowded', 'empty'] as const) runs[name].push(await wallMs(args, homes[name]));
    }
    const what = `${args.join(' ')} --json, 100 agents and 10,000 live tokens`;
    const measured = { name: 'moltbot', runs: runs.crowded };
    const peer = { name: 'almost empty', runs: runs.empty };
    figures.push(figure(what, 'ms', measured, peer, { of: 'ratio', is: 'at most', value: atMost }));
  }
  return figures;
}

/** From the start of the command to its end, its output read. */
async function wallMs(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const beganMs = performance.now();
  const { child } = start('measured', process.execPath, [PROGRAM, ...args, '--json'], { env });
  child.stdout!.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`moltbot ${args.join(' ')} ended with ${code}`);
  return performance.now() - beganMs;
}
