import { describe, expect, it } from 'vitest';
import { TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';
import { lostEveryTime, writeCached } from '../ledger/cache-advice/samples.ts';

const HAIKU = 'anthropic/claude-haiku-4-5';
const AUTO = { agents: { defaults: { models: { [HAIKU]: { params: { cacheControlTtl: 'auto' } } } } } };
const MARKED = {
  model: 'claude-haiku-4-5',
  max_tokens: 20,
  system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
  messages: [{ role: 'user', content: 'Hi' }],
};

/** The time of the mark of the next request as it goes upstream; undefined: none. */
async function ttl(gateway: TestGateway, headers: Record<string, string> = {}): Promise<string | undefined> {
  await (await gateway.post({ body: MARKED, headers })).text();
  const body = JSON.parse(gateway.simulator.requests.at(-1)!.body.toString());
  return body.system[0].cache_control.ttl;
}

/** A gateway that was stopped, with a ledger behind it. */
async function withHistory(options: TestGatewayOptions, rows = lostEveryTime(Date.now())): Promise<TestGateway> {
  const first = await TestGateway.start({ profiles: ['first'], ...options });
  await writeCached(first.database, rows);
  await first.stop();
  return first;
}

const again = ({ home, simulator, vault }: TestGateway, more: TestGatewayOptions = {}) =>
  TestGateway.start({ home, simulator, vault, ...more });

describe('cacheControlTtl "auto"', () => {
  it('is 5 minutes without enough data', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: AUTO });
    expect(await ttl(gateway)).toBe('5m');
  });

  it('is an hour after a history in which that would have cost less, at once after a restart, and said in the log', async () => {
    const first = await withHistory({ config: AUTO });
    await using second = await again(first);
    await expect.poll(() => ttl(second)).toBe('1h');
    expect(second.logLines.filter((line) => line.includes('another cache time')).length).toBe(1);
    await second.stop();
    await using third = await again(first);
    expect(await ttl(third)).toBe('1h');
    expect(third.logLines.some((line) => line.includes('another cache time'))).toBe(false);
  });

  it('stays 5 minutes after a history in which those were cheaper', async () => {
    const quick = lostEveryTime(Date.now()).map((row, n) => ({
      ...row,
      admittedAtMs: Date.now() - 3_600_000 + n * 1_000,
      ...(n >= 6 && { read: row.write5m! - 1_000, write5m: 1_000 }),
    }));
    const first = await withHistory({ config: AUTO }, quick);
    await using second = await again(first);
    await expect
      .poll(() => second.database.all('SELECT ttl, known FROM cache_choices'))
      .toEqual([{ ttl: '5m', known: 66 }]);
    expect(await ttl(second)).toBe('5m');
  });

  it('is taken over while the gateway runs, and chosen anew every hour', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    await writeCached(gateway.database, lostEveryTime(Date.now()));
    expect(await ttl(gateway)).toBeUndefined();
    gateway.writeConfig(AUTO);
    await expect.poll(() => ttl(gateway), { timeout: 5_000 }).toBe('1h');
    // Nothing of it is left in the last 30 days.
    gateway.move(31 * 86_400_000);
    const token = gateway.issue().token;
    await expect.poll(() => ttl(gateway, { authorization: `Bearer ${token}` }), { timeout: 5_000 }).toBe('5m');
  });

  it('never touches the marks of a subscription', async () => {
    const first = await withHistory({ config: AUTO, profiles: [{ name: 'mine', type: 'token' }] });
    await using second = await again(first);
    await expect.poll(() => second.database.all('SELECT ttl FROM cache_choices')).toEqual([{ ttl: '1h' }]);
    expect(await ttl(second, { 'x-app': 'cli' })).toBeUndefined();
  });
});
