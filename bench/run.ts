import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Figure, NotMeasured } from './figure.ts';
import { openLaboratory } from './laboratory.ts';
import { thisMachine } from './machine.ts';
import { readOptions } from './options.ts';
import { killAll } from './processes.ts';
import { reportText } from './report.ts';
import { removeScratch } from './scratch.ts';

/** `npm run bench [-- --quick] [-- --only <row>]`: measures, prints the table, and keeps it when all of it was measured. */
const FULL = { runs: 5, seconds: 4 };
const QUICK = { runs: 2, seconds: 1 };
const inside = (name: string) => join(import.meta.dirname, name);

async function run(): Promise<void> {
  const { rows, isQuick, isWhole } = readOptions(process.argv.slice(2));
  if (!existsSync(inside('../dist/main.js'))) throw new Error('moltbot is not built yet; build it with: npm run build');
  const loadBefore = loadavg()[0]!;
  const effort = isQuick ? QUICK : FULL;
  const laboratory = await openLaboratory(effort);
  const figures: (Figure | NotMeasured)[] = [];
  for (const [name, row] of rows) {
    console.error(`${name} …`);
    figures.push(...(await row(laboratory)));
  }
  await laboratory.close();
  const machine = thisMachine(undiciVersion(), loadBefore);
  const report = { measuredAt: new Date().toISOString(), isQuick, runs: effort.runs, machine, figures };
  console.log(reportText(report));
  if (!isWhole) return console.error('Not written to RESULTS.md: only a full run of all rows is.');
  writeFileSync(inside('RESULTS.md'), reportText(report));
  writeFileSync(inside('results.json'), `${JSON.stringify(report, undefined, 2)}\n`);
}

function undiciVersion(): string {
  const file = inside('../node_modules/undici/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

process.on('exit', () => {
  killAll();
  removeScratch();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
