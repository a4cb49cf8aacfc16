import { type CacheChoice, USUAL_TTL } from '../ledger/cache-advice/cache-choice.ts';
import { isEnough, lackOfData } from '../ledger/cache-advice/cache-verdict.ts';

/** Why `auto` is what it is: `"5m" would have cost 23.4 % more in the last 30 days (66 requests, 6 sessions).` */
export function cacheChoiceText(choice: CacheChoice | undefined, isGatewayRunning: boolean): string {
  if (!choice) {
    const when = isGatewayRunning ? 'nothing was cached in the last 30 days' : 'the gateway has not chosen yet';
    return `"${USUAL_TTL}", because ${when}.`;
  }
  if (!isEnough(choice)) return `"${choice.ttl}", because there is ${lackOfData(choice)}.`;
  const { ttl, at5mNanoUsd, at1hNanoUsd, known, sessions } = choice;
  const [other, more] = ttl === '5m' ? ['1h', at1hNanoUsd / at5mNanoUsd] : ['5m', at5mNanoUsd / at1hNanoUsd];
  const basis = `(${known.toLocaleString('en-US')} requests that go on from another, ${sessions.toLocaleString('en-US')} sessions)`;
  return `"${ttl}", because "${other}" would have cost ${percent(more)} in the last 30 days ${basis}.`;
}

/** Of nothing, a part is nothing. */
function percent(ratio: number): string {
  const more = Number.isFinite(ratio) ? (ratio - 1) * 100 : 0;
  return more === 0 ? 'as much' : `${more < 0.1 ? 'hardly' : `${more.toFixed(1)} %`} more`;
}
