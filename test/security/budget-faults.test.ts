import { describe, expect, it, vi } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import type { TestGateway } from '../fakes/test-gateway.ts';
import { asking, refusalOf, rowsOf, spentOf, startWith } from './budget-trial.ts';

const CHEAP = { answer: { usage: { input_tokens: 1, output_tokens: 1 } } };
const ONE_FITS = { main: { usd: 0.6, per: 'day', enforcement: 'hard' } };

async function status(gateway: TestGateway): Promise<number> {
  const answer = await gateway.post({ token: gateway.issue().token });
  await answer.text();
  return answer.status;
}

describe.concurrent('a ledger that cannot be written for a while', () => {
  it('loses no settlement: what ran stays held, the cap holds, and all is settled when it can be written again', async () => {
    await using gateway = await startWith(ONE_FITS, { script: { ...CHEAP, pacing: { firstByteMs: 500 } } });
    const first = gateway.post({ body: asking() }).then(
      (answer) => answer.text(),
      () => 'broken off',
    );
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 15_000 });
    gateway.database.exec("CREATE TRIGGER full BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'no'); END");
    // Nobody is given an answer that is not in the books.
    expect(await first.catch(() => 'broken off')).toBe('broken off');
    expect(refusalOf(await gateway.post({ body: asking() }))).toEqual([429, 'BUDGET_BUSY', 'budget', null]);
    gateway.database.exec('DROP TRIGGER full');
    await vi.waitFor(() => expect(rowsOf(gateway)[0]!.endedAtMs).not.toBeNull(), { timeout: 15_000 });
    expect(spentOf(gateway).nanoUsd).toBe(30_000);
    expect((await gateway.post({ body: asking() })).status).toBe(200);
  });

  it('takes no reservation for what was never let out', async () => {
    await using gateway = await startWith(ONE_FITS, { script: CHEAP });
    gateway.database.exec("CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'no'); END");
    for (let at = 0; at < 3; at++) expect((await gateway.post({ body: asking() })).status).toBe(503);
    expect(gateway.simulator.requests).toEqual([]);
    gateway.database.exec('DROP TRIGGER full');
    expect((await gateway.post({ body: asking() })).status).toBe(200);
  });
});

describe.concurrent('the clock', () => {
  it('set back by an hour or a day gives nothing back, and set on gives no more than its days', async () => {
    const standsAtMs = Date.UTC(2026, 10, 21, 12);
    await using gateway = await startWith({ main: { requests: 1, per: 'day', enforcement: 'hard' } }, { standsAtMs });
    expect([await status(gateway), await status(gateway)]).toEqual([200, 402]);
    gateway.move(-HOUR_MS);
    expect(await status(gateway)).toBe(402);
    gateway.move(-24 * HOUR_MS);
    expect(await status(gateway)).toBe(402);
    gateway.move(25 * HOUR_MS);
    expect(await status(gateway)).toBe(402);
    gateway.move(24 * HOUR_MS);
    expect([await status(gateway), await status(gateway)]).toEqual([200, 402]);
    gateway.move(-24 * HOUR_MS);
    expect(await status(gateway)).toBe(402);
  });

  it.each<[string, number, readonly (readonly [number, number])[]]>([
    // Summer time begins on 2026-03-29 in Berlin (23 hours), and ends on 2026-11-01 in New York (25 hours).
    [
      'Europe/Berlin',
      Date.UTC(2026, 2, 28, 23, 0),
      [
        [22 * HOUR_MS + 59 * MINUTE_MS, 402],
        [MINUTE_MS, 200],
      ],
    ],
    [
      'America/New_York',
      Date.UTC(2026, 10, 1, 4, 0),
      [
        [24 * HOUR_MS + 59 * MINUTE_MS, 402],
        [MINUTE_MS, 200],
      ],
    ],
    [
      'Asia/Kathmandu',
      Date.UTC(2026, 10, 20, 18, 15),
      [
        [23 * HOUR_MS + 59 * MINUTE_MS, 402],
        [MINUTE_MS, 200],
      ],
    ],
  ])('of %s opens a day at its own midnight, also when it has 23 or 25 hours', async (timeZone, standsAtMs, moves) => {
    const budgets = { main: { requests: 1, per: 'day', enforcement: 'hard' } };
    await using gateway = await startWith(budgets, { standsAtMs, config: { timeZone } });
    expect([await status(gateway), await status(gateway)]).toEqual([200, 402]);
    for (const [ms, expected] of moves) {
      gateway.move(ms);
      expect([ms, await status(gateway)]).toEqual([ms, expected]);
    }
  });

  it('that passes midnight while a request runs charges the day that let it out', async () => {
    const standsAtMs = Date.UTC(2026, 10, 21, 23, 59);
    await using gateway = await startWith(
      { main: { requests: 1, per: 'day', enforcement: 'hard' } },
      { standsAtMs, script: { pacing: { firstByteMs: 500 } } },
    );
    const first = gateway.post();
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 15_000 });
    gateway.move(2 * MINUTE_MS);
    expect((await first).status).toBe(200);
    expect([await status(gateway), await status(gateway)]).toEqual([200, 402]);
    gateway.move(-2 * MINUTE_MS);
    expect(await status(gateway)).toBe(402);
  });
});

describe.concurrent('a configuration that changes while requests run and wait', () => {
  const config = (budgets: object) => ({ auth: { maxWaitMs: 20_000 }, budgets });

  it.each<[string, object]>([
    ['renamed', { other: { ...ONE_FITS.main, scope: { agent: 'main' } } }],
    ['about more', { main: { ...ONE_FITS.main, scope: 'everything' } }],
    ['for another window', { main: { ...ONE_FITS.main, per: 'week' } }],
    ['lowered', { main: { ...ONE_FITS.main, usd: 0.59 } }],
  ])('a budget that is %s goes on holding what runs', async (_what, budgets) => {
    await using gateway = await startWith(ONE_FITS, { script: { ...CHEAP, pacing: { firstByteMs: 2_500 } } });
    const first = gateway.post({ body: asking() });
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 15_000 });
    gateway.writeConfig({ auth: { maxWaitMs: 0 }, budgets });
    await vi.waitFor(() => expect(gateway.gateway.lastReload()?.changed).toBeDefined(), { timeout: 2_000 });
    expect(refusalOf(await gateway.post({ body: asking() }))).toEqual([429, 'BUDGET_BUSY', 'budget', null]);
    expect((await first).status).toBe(200);
  });

  it.each<[string, object]>([
    ['removed', {}],
    ['raised', { main: { ...ONE_FITS.main, usd: 6 } }],
  ])('those who wait for a budget that is %s go out at once', async (_what, budgets) => {
    await using gateway = await startWith(ONE_FITS, {
      script: { ...CHEAP, pacing: { firstByteMs: 6_000 } },
      config: config(ONE_FITS),
    });
    const first = gateway.post({ body: asking() });
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(1), { timeout: 15_000 });
    const waiting = [1, 2].map(() => gateway.post({ body: asking() }));
    await vi.waitFor(() => expect(gateway.gateway.openRequests()).toBe(3), { timeout: 2_000 });
    gateway.writeConfig(config(budgets));
    await vi.waitFor(() => expect(gateway.served()).toHaveLength(3), { timeout: 4_000 });
    expect((await Promise.all([first, ...waiting])).map((answer) => answer.status)).toEqual([200, 200, 200]);
  });
});
