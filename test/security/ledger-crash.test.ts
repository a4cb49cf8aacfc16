import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

const ROUNDS = 30;
const CLIENTS = 8;

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

it('after kill -9 at any moment, every answer that a client saw whole is in the ledger, completed', async () => {
  await using setup = await setUpCli({ gateway: { brake: { requests: 100_000 } } });
  setup.simulator.setScript({ pacing: { perEventMs: 1 } });
  const { token } = await getToken(setup.home, '--ttl', '1h');
  const databaseFile = join(setup.home.stateDir, 'state.sqlite');
  let whole = 0;
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const gateway = await runGateway(setup.home);
    const ids: string[] = [];
    const clients = Array.from({ length: CLIENTS }, (_, n) => client(gateway, token, n, ids));
    // Counted in answers, not in time: a busy machine gives as many.
    const enough = Math.ceil(Math.random() * 30);
    while (ids.length < enough) await sleep(1);
    await sleep(Math.random() * 20);
    await gateway.kill();
    await Promise.all(clients);
    const database = Database.openForReading(databaseFile)!;
    const rows = new Map(new LedgerStore(database).after({ limit: 1_000_000 }).map((row) => [row.requestId, row]));
    const lost = ids.filter((id) => rows.get(id)?.outcome !== 'ok' || rows.get(id)?.endedAtMs === null);
    expect(lost).toEqual([]);
    expect(verifyLedger(database).fault).toBeUndefined();
    whole += ids.length;
    interrupted += [...rows.values()].filter(({ outcome }) => outcome === null).length;
    database.close();
  }
  // The rounds have met both: answers that were seen, and some that were cut off.
  expect([whole >= ROUNDS, interrupted > 0]).toEqual([true, true]);
  const gateway = await runGateway(setup.home);
  const database = Database.openForReading(databaseFile)!;
  expect(new LedgerStore(database).open()).toEqual([]);
  database.close();
  await gateway.kill();
});
