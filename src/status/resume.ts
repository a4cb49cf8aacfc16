import { setTimeout as sleep } from 'node:timers/promises';
import { type By, resumeAgent } from '../agents/change-agents.ts';
import { EVERYONE } from '../agents/pause-store.ts';
import type { Stores } from '../app.ts';
import { grantedId } from '../core/ids.ts';
import { SECOND_MS } from '../core/time.ts';
import { RetestStore } from '../profiles/retest-store.ts';
import { servingRecords } from '../profiles/serving-records.ts';
import type { Retest } from '../rotation/billing-tests.ts';

/** What came of testing a profile without credit. Refusals are the provider's status and error type, never its text. */
export interface TestedAgain {
  /** Its owner. */
  readonly agentId: string;
  readonly profileId: string;
  /** `waiting`: no result yet; the gateway makes it as soon as it can. */
  readonly result: 'passed' | 'refused' | 'unreachable' | 'not_tested' | 'waiting';
  readonly httpStatus: number | null;
  readonly errorType: string | null;
}

type Owned = Pick<Retest, 'agentId' | 'profileId'>;

/** The gateway looks for questions once a second, and gives a test ten. */
const PATIENCE_MS = 13 * SECOND_MS;
const LOOK_EVERY_MS = 100;

/**
 * Ends a person's pause (`changed`: there was one), and asks the gateway to test at once what is out of credit and serves
 * this agent, or anybody with `*`. AGENT_NOT_FOUND.
 */
export function resume(stores: Stores, agentId: string, by: By): { changed: boolean; asked: readonly Owned[] } {
  const { database, audit } = stores;
  const retests = new RetestStore(database);
  return database.transaction(() => {
    const changed = resumeAgent(stores, agentId, by);
    const asked = retests.list().filter((each) => agentId === EVERYONE || serves(stores, agentId, each));
    for (const { agentId: owner, profileId } of asked) {
      retests.ask(owner, profileId, by.nowMs);
      const subject = grantedId(owner, profileId);
      audit.append({ actor: by.actor, action: 'credential.test_asked', subject }, by.nowMs);
    }
    return { changed, asked };
  });
}

/** What came of the tests: waits until each has ended, at most `patienceMs` or until `isOver`. */
export async function resultsOf(
  stores: Stores,
  asked: readonly Owned[],
  {
    patienceMs = PATIENCE_MS,
    isOver = () => false,
  }: { readonly patienceMs?: number; readonly isOver?: () => boolean } = {},
): Promise<TestedAgain[]> {
  const endsAtMs = performance.now() + patienceMs;
  for (;;) {
    const results = currentResults(stores, asked);
    const isWaiting = results.some(({ result }) => result === 'waiting');
    if (!isWaiting || performance.now() >= endsAtMs || isOver()) return results;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Its own, that of its environment, or one that it was lent. */
function serves({ profiles, grants }: Stores, agentId: string, profile: Owned): boolean {
  if (profile.agentId === agentId) return true;
  const lent = servingRecords(profiles, grants, agentId);
  return lent.some(({ profile: each }) => each.agentId === profile.agentId && each.profileId === profile.profileId);
}

function currentResults({ database }: Stores, asked: readonly Owned[]): TestedAgain[] {
  const retests = new RetestStore(database).list();
  return asked.map(({ agentId, profileId }) => {
    const retest = retests.find((each) => each.agentId === agentId && each.profileId === profileId);
    return { agentId, profileId, ...resultOf(retest) };
  });
}

/** A state that is gone is one that a test has ended. */
function resultOf(retest: Retest | undefined): Omit<TestedAgain, keyof Owned> {
  if (!retest) return { result: 'passed', httpStatus: null, errorType: null };
  const { askedAtMs, verdict, httpStatus, errorType } = retest;
  if (askedAtMs !== null || verdict === null) return { result: 'waiting', httpStatus: null, errorType: null };
  if (verdict === 'unreachable' || verdict === 'not_tested')
    return { result: verdict, httpStatus: null, errorType: null };
  return { result: 'refused', httpStatus, errorType };
}
