import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fileModel } from '../../src/catalog/catalog-file.ts';
import { NOTHING_LOADED, storedWith } from '../../src/catalog/loaded-catalog.ts';
import { findModel } from '../../src/catalog/models.ts';
import { SHIPPED } from '../../src/catalog/shipped.ts';
import { replaceFile } from '../../src/config/replace-file.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { NEXT } from '../catalog/sample-file.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const USAGE = {
  input_tokens: 10,
  output_tokens: 2,
  cache_creation: null,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
};
/** The promise is a second; the rest is for a busy machine. */
const SOON = { timeout: 5_000 };
const haiku = fileModel(SHIPPED.find('anthropic', 'claude-haiku-4-5')!);
const dearer = { ...haiku, prices: [{ inputUsdPerMillion: 3, outputUsdPerMillion: 10 }] };

function load(gateway: TestGateway, ...models: (typeof NEXT)[]): void {
  const stored = storedWith({ asOf: '2026-12-01', models }, NOTHING_LOADED, gateway.now());
  replaceFile(join(gateway.home, 'catalog.json'), JSON.stringify(stored));
}

async function costOf(gateway: TestGateway, model = 'claude-haiku-4-5'): Promise<unknown[]> {
  await (await gateway.post({ body: { ...SMALL, model } })).text();
  const { booking, modelServed } = new LedgerStore(gateway.database).newest({ limit: 1 })[0]!;
  return [modelServed, booking?.costNanoUsd, booking?.priceVersion?.split('/')[0]];
}

const start = (script = {}) =>
  TestGateway.start({
    profiles: ['first'],
    script: { answer: { usage: USAGE }, models: ['claude-next-9'], ...script },
  });

describe('a running gateway', () => {
  it('goes by models and prices that are loaded, within a second, and rows say by which', async () => {
    await using gateway = await start();
    // 10 × 1,000 + 2 × 5,000, then 10 × 3,000 + 2 × 10,000
    expect(await costOf(gateway)).toEqual(['claude-haiku-4-5', 20_000, '2026-11']);
    expect(await costOf(gateway, 'claude-next-9')).toEqual(['claude-next-9', null, undefined]);
    load(gateway, dearer, NEXT);
    await expect.poll(() => costOf(gateway), SOON).toEqual(['claude-haiku-4-5', 50_000, '2026-12-01']);
    // 10 × 2,125 + 2 × 7,000; asked for by another of its names
    expect(await costOf(gateway, 'claude-next')).toEqual(['claude-next-9', 35_250, '2026-12-01']);
  });

  it('goes on with what it has where the file is spoilt, says so once, and comes back when it is gone', async () => {
    await using gateway = await start();
    load(gateway, dearer);
    await expect.poll(() => costOf(gateway), SOON).toEqual(['claude-haiku-4-5', 50_000, '2026-12-01']);
    writeFileSync(join(gateway.home, 'catalog.json'), '{');
    await sleep(1_000);
    expect(await costOf(gateway)).toEqual(['claude-haiku-4-5', 50_000, '2026-12-01']);
    expect(gateway.logLines.filter((line) => line.includes('models and prices ignored'))).toHaveLength(1);
    rmSync(join(gateway.home, 'catalog.json'));
    await expect.poll(() => costOf(gateway), SOON).toEqual(['claude-haiku-4-5', 20_000, '2026-11']);
  });

  it('leaves nothing of it behind when it is over, and has it again after a restart', async () => {
    const first = await start();
    load(first, dearer);
    await first.stop();
    const { home, simulator, vault } = first;
    await using gateway = await TestGateway.start({ home, simulator, vault });
    expect(await costOf(gateway)).toEqual(['claude-haiku-4-5', 50_000, '2026-12-01']);
    await gateway.stop();
    expect(findModel('anthropic', 'claude-haiku-4-5')).toBe(SHIPPED.find('anthropic', 'claude-haiku-4-5'));
  });

  it('does not start with a file that is spoilt', async () => {
    const first = await start();
    await first.stop();
    writeFileSync(join(first.home, 'catalog.json'), '{');
    const { home, simulator, vault } = first;
    await expect(TestGateway.start({ home, simulator, vault })).rejects.toThrow('cannot be read');
    await first[Symbol.asyncDispose]();
  });
});
