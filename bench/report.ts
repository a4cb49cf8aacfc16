import type { Figure, NotMeasured } from './figure.ts';
import type { Machine } from './machine.ts';

export interface Report {
  readonly measuredAt: string;
  readonly isQuick: boolean;
  readonly runs: number;
  readonly machine: Machine;
  readonly figures: readonly (Figure | NotMeasured)[];
}

/** Above it something else is running. */
const QUIET_LOAD = 0.5;

/** `RESULTS.md`: one table, and what it was measured with. */
export function reportText({ measuredAt, isQuick, runs, machine, figures }: Report): string {
  const quick = isQuick ? ' **Quick: too few and too short runs to be quoted.**' : '';
  const lines = figures.map((each) => ('notMeasured' in each ? missing(each) : row(each)));
  const busy =
    machine.loadBefore > QUIET_LOAD
      ? ' **The machine was busy with other work: the ratios count, and those of rare delays (p99) little.**'
      : '';
  const notes = figures.flatMap((each) => ('note' in each && each.note ? [`- ${each.what}: ${each.note}`] : []));
  return `# Results

Written by \`npm run bench\`; what is measured and how stands in [README.md](README.md).
Each figure is the median of ${runs} runs, taken in turns with its peer.${quick}${busy}

${measuredAt} · commit ${machine.commit}${machine.isChanged ? ' with changes' : ''} · ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system} · Node ${machine.node}, undici ${machine.undici}, nginx ${machine.nginx ?? 'not installed'} · ${machine.isPinned ? 'one core for what is measured, the other for client and upstream' : 'not pinned to cores'} · load average before: ${machine.loadBefore.toFixed(1)}

| what | moltbot | peer | result | goal | met |
|---|---|---|---|---|---|
${lines.join('\n')}

${notes.join('\n')}
`;
}

function row({ what, unit, measured, peer, goal, result, isMet }: Figure): string {
  const beside = peer ? `${peer.name} ${short(peer.median)}` : '–';
  const ours = `${short(measured.median)} ${unit}`;
  return `| ${what} | ${ours} | ${beside} | ${resultText(goal.of, result)} | ${goalText(goal)} | ${isMet ? 'yes' : '**no**'} |`;
}

function missing({ what, notMeasured }: NotMeasured): string {
  return `| ${what} | not measured | – | ${notMeasured} | – | – |`;
}

function resultText(of: Figure['goal']['of'], result: number): string {
  if (of === 'ratio') return `${result.toFixed(2)} ×`;
  return of === 'difference' ? `${result >= 0 ? '+' : ''}${short(result)}` : short(result);
}

function goalText({ of, is, value }: Figure['goal']): string {
  const sign = is === 'at least' ? '≥' : '≤';
  return `${sign} ${of === 'difference' ? '+' : ''}${value}${of === 'ratio' ? ' ×' : ''}`;
}

/** Three digits that count. */
function short(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
