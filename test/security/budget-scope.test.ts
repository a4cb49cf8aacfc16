import { expect, it, vi } from 'vitest';
import { MemoryVault } from '../../src/vault/memory.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { asking, refusalOf, rowsOf, startWith } from './budget-trial.ts';

const HAIKU = 'claude-haiku-4-5';
const OPUS_ONLY = { opus: { scope: { model: 'claude-opus-4-5' }, usd: 0.1, per: 'day', enforcement: 'hard' } };
const text = (more: object = {}) => JSON.stringify(asking(more));
const batch = (model: string) => ({ requests: [{ custom_id: 'a', params: asking({ model }) }] });
const BATCHES = 'anthropic/v1/messages/batches';

it.each<[string, Parameters<Awaited<ReturnType<typeof startWith>>['post']>[0], string]>([
  ['in another spelling', { body: asking({ model: 'claude-opus-4.5' }) }, 'BUDGET_TOO_SMALL'],
  ['with its date', { body: asking({ model: 'claude-opus-4-5-20251101' }) }, 'BUDGET_TOO_SMALL'],
  ['in escapes', { body: text().replace('"model":"c', '"m\\u006fdel":"\\u0063') }, 'BUDGET_TOO_SMALL'],
  ['in a body some parsers take', { body: text().replace('{', '{"x":NaN,') }, 'BUDGET_UNBOUNDED'],
  ['under a name in other letter case', { body: text().replace('"model"', '"Model"') }, 'BUDGET_UNBOUNDED'],
  ['in an encoding nobody knows', { body: text(), headers: { 'content-encoding': 'snappy' } }, 'BUDGET_UNBOUNDED'],
  [
    'as a replacement',
    { body: asking({ model: HAIKU, fallbacks: [{ model: 'claude-opus-4-5' }] }) },
    'BUDGET_UNBOUNDED',
  ],
  [
    'by a tool',
    { body: asking({ model: HAIKU, tools: [{ type: 'advisor_20260301', name: 'a', model: 'claude-opus-4.5' }] }) },
    'BUDGET_UNBOUNDED',
  ],
])('a hard budget of a model is not passed by naming the model %s', async (_what, sent, code) => {
  await using gateway = await startWith(OPUS_ONLY);
  expect(refusalOf(await gateway.post(sent))).toEqual([402, code, 'budget', 'false']);
  expect(gateway.simulator.requests).toEqual([]);
});

it('a hard budget of a model covers a batch with that model, and no other', async () => {
  await using gateway = await startWith(OPUS_ONLY);
  const refused = await gateway.post({ path: BATCHES, body: batch('claude-opus-4-5') });
  expect(refusalOf(refused)).toEqual([403, 'ROUTE_NOT_ALLOWED', 'budget', 'false']);
  expect((await gateway.post({ path: BATCHES, body: batch(HAIKU) })).status).toBe(200);
  expect((await gateway.post({ body: asking({ model: HAIKU }) })).status).toBe(200);
});

it('a hard budget of a profile covers batches with that profile: another one serves them, or none', async () => {
  const scope = { profile: 'main/anthropic:first' };
  const narrow = { narrow: { scope, usd: 5, per: 'day', enforcement: 'hard' } };
  await using alone = await startWith(narrow);
  expect(refusalOf(await alone.post({ path: BATCHES, body: batch(HAIKU) }))).toEqual([
    403,
    'ROUTE_NOT_ALLOWED',
    'budget',
    'false',
  ]);
  expect(alone.simulator.requests).toEqual([]);
  await using two = await startWith(narrow, {
    profiles: ['first', 'second'],
    config: { auth: { order: { anthropic: ['anthropic:first', 'anthropic:second'] } } },
  });
  expect((await two.post({ path: BATCHES, body: batch(HAIKU) })).status).toBe(200);
  expect(two.served()).toEqual(['second 200']);
});

it('a fallback that no budget lets out never replaces the refusal of the first model', async () => {
  const model = { primary: `anthropic/${HAIKU}`, fallbacks: ['anthropic/claude-opus-4-5'] };
  const rules = [{ model: 'claude-haiku-*', fail: { kind: 'error' as const, error: 'overloaded' as const } }];
  await using gateway = await startWith(OPUS_ONLY, { script: { rules }, config: { agents: { defaults: { model } } } });
  const answer = await gateway.post({ body: asking({ model: HAIKU }) });
  expect([answer.status, answer.headers.get('x-moltbot-error')]).toEqual([529, null]);
  expect(gateway.served()).toEqual(['first 529']);
});

/** A vault that answers only once it is let to. */
class SlowVault extends MemoryVault {
  /** Of the one profile. */
  reads = 0;
  opened: Promise<void> | undefined;

  override async get(...asked: Parameters<MemoryVault['get']>): ReturnType<MemoryVault['get']> {
    if (asked[0].profileId === 'anthropic:first') this.reads += 1;
    await this.opened;
    return super.get(...asked);
  }
}

it('a request that was held before midnight counts there, however long the vault took', async () => {
  const standsAtMs = Date.UTC(2026, 10, 21, 23, 59, 59);
  const vault = new SlowVault();
  const before = await startWith({ main: { requests: 1, per: 'day', enforcement: 'hard' } }, { vault });
  await before.stop();
  const { promise, resolve } = Promise.withResolvers<void>();
  vault.opened = promise;
  vault.reads = 0;
  const { home, simulator } = before;
  await using gateway = await TestGateway.start({ home, simulator, vault, standsAtMs });
  const first = gateway.post({ body: asking() });
  // The gateway's own, when it starts, and the request's.
  await vi.waitFor(() => expect(vault.reads).toBe(2), { timeout: 5_000 });
  gateway.move(60_000);
  resolve();
  expect((await first).status).toBe(200);
  expect(rowsOf(gateway).map(({ admittedAtMs }) => admittedAtMs)).toEqual([standsAtMs]);
  const later = [await gateway.post({ body: asking() }), await gateway.post({ body: asking() })];
  expect(later.map(({ status }) => status)).toEqual([200, 402]);
});
