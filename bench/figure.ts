import { median } from './statistics.ts';

/** What was measured of one contestant, one value per run. */
export interface Side {
  readonly name: string;
  readonly runs: readonly number[];
}

export interface Goal {
  /** What is held against `value`: measured ÷ peer, measured − peer, or the measured alone; of each run, then the median. */
  readonly of: 'ratio' | 'difference' | 'value';
  readonly is: 'at least' | 'at most';
  readonly value: number;
}

/** One line of the results. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly measured: Side & { readonly median: number };
  readonly peer: (Side & { readonly median: number }) | undefined;
  readonly goal: Goal;
  readonly result: number;
  readonly isMet: boolean;
  readonly note: string | undefined;
}

/** A row that could not be measured, and what would change that. */
export interface NotMeasured {
  readonly what: string;
  readonly notMeasured: string;
}

export function figure(
  what: string,
  unit: string,
  measured: Side,
  peer: Side | undefined,
  goal: Goal,
  note?: string,
): Figure {
  const result = median(measured.runs.map((value, run) => against(goal, value, peer?.runs[run] ?? Number.NaN)));
  return {
    what,
    unit,
    measured: { ...measured, median: median(measured.runs) },
    peer: peer && { ...peer, median: median(peer.runs) },
    goal,
    result,
    isMet: goal.is === 'at least' ? result >= goal.value : result <= goal.value,
    note,
  };
}

function against({ of }: Goal, value: number, peer: number): number {
  if (of === 'value') return value;
  return of === 'ratio' ? value / peer : value - peer;
}
