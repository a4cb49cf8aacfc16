import { type Contestant, stopContestants } from '../contestants.ts';
import { type Figure, figure, type Side } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { ownGateway } from '../peers/gateway.ts';
import { alternate } from './alternate.ts';
import { loaded, warmUp } from './throughput.ts';

const HARD_BUDGET = { everything: { scope: 'everything', usd: 1_000_000, per: 'month', enforcement: 'hard' } };
const OF = 'a request, 1 KB in / 2 KB out, 32 at a time';

/** What the ledger, and a budget over everything, add to a request: CPU time with it against without. */
export async function bookkeeping(laboratory: Laboratory): Promise<Figure[]> {
  const { json } = laboratory.ports;
  const contestants = [
    await ownGateway('without ledger', json, ['--without-ledger']),
    await ownGateway('without budgets', json, []),
    await ownGateway('with a hard budget', json, [], { budgets: HARD_BUDGET }),
  ];
  await warmUp(laboratory, contestants);
  const all = await alternate(contestants, laboratory.runs, (each) => loaded(laboratory, each, laboratory.seconds));
  await stopContestants(contestants);
  const side = (name: Contestant['name']): Side => ({
    name,
    runs: all.get(name)!.map(({ perCoreSecond }) => 1_000_000 / perCoreSecond),
  });
  return [
    figure(`ledger on and off: ${OF}`, 'µs CPU', side('without budgets'), side('without ledger'), atMost(1.3)),
    figure(`hard budget on and off: ${OF}`, 'µs CPU', side('with a hard budget'), side('without budgets'), atMost(1.1)),
  ];
}

function atMost(value: number) {
  return { of: 'ratio', is: 'at most', value } as const;
}
