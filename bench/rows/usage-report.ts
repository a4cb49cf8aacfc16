import { once } from 'node:events';
import { join } from 'node:path';
import { type Figure, figure } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { filledLedger } from '../peers/filled-ledger.ts';
import { start } from '../processes.ts';
import { alternate } from './alternate.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const FEW = 10_000;
const MANY = { full: 10_000_000, quick: 1_000_000 };
/** From so many runs on it is a full one; a quick one cannot wait until ten million rows are there. */
const FULL_RUNS = 5;

/** The report of 30 days over many rows of the ledger against few, and what a row takes on the disk. */
export async function usageReport(laboratory: Laboratory): Promise<Figure[]> {
  const rows = laboratory.runs < FULL_RUNS ? MANY.quick : MANY.full;
  const ledgers = { many: filledLedger(rows), few: filledLedger(FEW) };
  const contestants = [
    { name: 'moltbot', env: ledgers.many.env },
    { name: `${FEW.toLocaleString('en-US')} rows`, env: ledgers.few.env },
  ];
  for (const { env } of contestants) await wallMs(env);
  const all = await alternate(contestants, laboratory.runs, ({ env }) => wallMs(env));
  const [measured, peer] = contestants.map(({ name }) => ({ name, runs: all.get(name)! }));
  const what = `usage --since 30d --json, ${rows.toLocaleString('en-US')} rows`;
  const size = { name: 'moltbot', runs: [ledgers.many.bytes / rows] };
  return [
    figure(what, 'ms', measured!, peer!, { of: 'ratio', is: 'at most', value: 3 }),
    figure(`${what}, by itself`, 'ms', measured!, undefined, { of: 'value', is: 'at most', value: 500 }),
    figure('ledger: one row on the disk, with indexes and sums', 'bytes', size, undefined, {
      of: 'value',
      is: 'at most',
      value: 700,
    }),
  ];
}

/** From the start of the command to its end, its output read. */
async function wallMs(env: NodeJS.ProcessEnv): Promise<number> {
  const beganMs = performance.now();
  const { child } = start('measured', process.execPath, [PROGRAM, 'usage', '--since', '30d', '--json'], { env });
  child.stdout!.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`moltbot usage ended with ${code}`);
  return performance.now() - beganMs;
}
