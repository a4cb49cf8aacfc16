import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { spentDetail } from '../../src/budgets/spent.ts';
import { Database } from '../../src/database/database.ts';
import type { LedgerRow } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { promptTokens } from '../../src/ledger/usage/usage.ts';
import { usageReport } from '../../src/ledger/usage-report.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, type CliSetup, getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

/** As many as are promised; fewer while one works on it: `KILLS=20 npx vitest …`. */
const KILLS = Number(process.env.KILLS ?? 200);
/** Gateways that are killed side by side: while one starts, another one is under load. */
const LANES = 2;
const CLIENTS = 6;
const EVERYTHING = { name: 'all', scope: {}, unit: 'nanoUsd', per: 'total' } as const;

/** What a lane has met. */
interface Met {
  whole: number;
  interrupted: number;
}

/** Asks again and again until the gateway is gone; notes the ids of the answers that were seen whole. */
async function client(gateway: CliGateway, token: string, n: number, seen: string[]): Promise<void> {
  for (let turn = 0; ; turn++) {
    try {
      const body = { ...SMALL, max_tokens: 10 + ((n * 7 + turn) % 30), stream: (n + turn) % 2 === 0 };
      const response = await messages(gateway.url, token, body);
      const text = await response.text();
      const isWhole = body.stream ? text.includes('event: message_stop') : JSON.parse(text).type === 'message';
      if (response.status === 200 && isWhole) seen.push(response.headers.get('x-moltbot-request-id')!);
    } catch {
      // Killed in the middle: what was cut off was not seen whole.
      return;
    }
  }
}

async function killOnce({ home }: CliSetup, token: string, database: Database, met: Met): Promise<void> {
  const lastId = new LedgerStore(database).newest({ limit: 1 })[0]?.id ?? 0;
  const gateway = await runGateway(home);
  const ids: string[] = [];
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(gateway, token, n, ids));
  // Counted in answers, not in time: a busy machine gives as many.
  const enough = Math.ceil(Math.random() * 12);
  while (ids.length < enough) await sleep(1);
  await sleep(Math.random() * 15);
  await gateway.kill();
  await Promise.all(clients);
  const rows = new LedgerStore(database).after({ afterId: lastId, limit: 10_000 });
  const ended = rows.filter(({ outcome }) => outcome === 'ok').map(({ requestId }) => requestId);
  expect(ids.filter((id) => ended.filter((other) => other === id).length !== 1)).toEqual([]);
  met.whole += ids.length;
  met.interrupted += rows.length - ended.length;
}

/** Every row has an end, and every sum is that of the rows. */
function checkSums(database: Database): void {
  const store = new LedgerStore(database);
  expect(store.open()).toEqual([]);
  expect(verifyLedger(database).fault).toBeUndefined();
  const rows = store.after({ limit: 1_000_000 });
  const sum = (of: (row: LedgerRow) => number | null | undefined) =>
    rows.reduce((total, row) => total + (of(row) ?? 0), 0);
  const booked = sum(({ booking }) => booking?.costNanoUsd);
  const held = sum(({ heldNanoUsd }) => heldNanoUsd);
  const { nanoUsd, tokens, requests, held: stillHeld } = spentDetail(database, EVERYTHING as never, 0);
  expect({ nanoUsd, tokens, requests, held: stillHeld.nanoUsd }).toEqual({
    nanoUsd: booked + held,
    tokens: sum(
      ({ booking, heldTokens }) => (booking ? promptTokens(booking) + booking.outputTokens : 0) + (heldTokens ?? 0),
    ),
    requests: rows.filter(({ booking, heldNanoUsd }) => booking !== null || heldNanoUsd !== null).length,
    held,
  });
  expect(usageReport(database, { sinceMs: 0, nowMs: Date.now(), by: 'agent' }).simulated).toBe(
    rows.filter(({ isSimulated }) => isSimulated).length,
  );
}

async function killAgainAndAgain(kills: number): Promise<Met> {
  const budgets = { all: { scope: 'everything', usd: 1_000_000, per: 'total', enforcement: 'hard' } };
  await using setup = await setUpCli({ gateway: { brake: { requests: 100_000 } }, budgets });
  setup.simulator.setScript({ pacing: { perEventMs: 1 } });
  const { token } = await getToken(setup.home, '--ttl', '1h');
  const database = Database.openForReading(join(setup.home.stateDir, 'state.sqlite'))!;
  const met = { whole: 0, interrupted: 0 };
  for (let kill = 0; kill < kills; kill++) await killOnce(setup, token, database, met);
  // The next one closes what the last one left.
  await (await runGateway(setup.home)).kill();
  checkSums(database);
  database.close();
  return met;
}

it(`after ${KILLS} kill -9 at random moments, every answer that a client saw whole is in the ledger, once, and spent is the sum`, async () => {
  const lanes = await Promise.all(Array.from({ length: LANES }, () => killAgainAndAgain(KILLS / LANES)));
  const whole = lanes.reduce((sum, met) => sum + met.whole, 0);
  const interrupted = lanes.reduce((sum, met) => sum + met.interrupted, 0);
  // Both were met: answers that were seen, and some that were cut off.
  expect([whole >= KILLS, interrupted > 0]).toEqual([true, true]);
}, 600_000);
