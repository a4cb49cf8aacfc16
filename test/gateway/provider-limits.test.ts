import { describe, expect, it } from 'vitest';
import { LimitStore } from '../../src/profiles/limit-store.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const SUBSCRIPTION = { name: 'sub', type: 'token' as const };
const CLAUDE_CODE = { 'user-agent': 'claude-cli/2.1.0 (external, cli)', 'x-app': 'cli' };

const heard = (gateway: TestGateway) => new LimitStore(gateway.database).list();
const names = (gateway: TestGateway) =>
  heard(gateway).map(({ profileId, limits }) => [profileId, ...limits.map(({ name }) => name)]);

async function written(gateway: TestGateway, count: number): Promise<void> {
  await expect.poll(() => heard(gateway).length, { timeout: 5_000 }).toBe(count);
}

describe('what providers say of their limits', () => {
  it('is kept per profile, as its own answers told it', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', SUBSCRIPTION, { name: 'x', provider: 'xai' }],
      config: { auth: { order: { anthropic: ['anthropic:sub', 'anthropic:first'] } } },
    });
    await gateway.post({ headers: CLAUDE_CODE }).then((answer) => answer.text());
    await gateway.post({ path: 'xai/v1/chat/completions', body: chat }).then((answer) => answer.text());
    await written(gateway, 2);
    expect(names(gateway)).toEqual([
      ['anthropic:sub', '5h', '7d'],
      ['xai:x', 'requests', 'tokens'],
    ]);
  });

  it('is read once a second of a busy profile, and also from a clock that was set back', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], standsAtMs: NOW });
    const ask = async () => void (await (await gateway.post()).text());
    const seenAtMs = () => heard(gateway)[0]?.limits[0]?.seenAtMs;
    await ask();
    gateway.move(500);
    await ask();
    await expect.poll(seenAtMs, { timeout: 5_000 }).toBe(NOW);
    gateway.move(500);
    await ask();
    await expect.poll(seenAtMs, { timeout: 5_000 }).toBe(NOW + 1_000);
    gateway.move(-60_000);
    await ask();
    await expect.poll(seenAtMs, { timeout: 5_000 }).toBe(NOW - 59_000);
  });

  it('is read of a refusal in any case: nothing may be heard for hours after it', async () => {
    const headers = { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-limit': '4000' };
    const refusal = { after: 1, fail: { kind: 'error' as const, error: 'rate_limit' as const, headers } };
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      standsAtMs: NOW,
      script: { rules: [refusal] },
    });
    for (const status of [200, 429]) {
      const answer = await gateway.post();
      await answer.text();
      expect(answer.status).toBe(status);
    }
    const limits = [{ name: 'requests', remaining: 0, limit: 4_000, seenAtMs: NOW }];
    await expect.poll(() => heard(gateway), { timeout: 5_000 }).toMatchObject([{ limits }]);
  });

  it('is about what generates: lists of models have limits of their own', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', { name: 'x', provider: 'xai' }] });
    const models = '/v1/proxy/anthropic/v1/models';
    expect((await gateway.send(models, { method: 'GET', headers: { 'anthropic-version': '2023-06-01' } })).status).toBe(
      200,
    );
    await gateway.post({ path: 'xai/v1/chat/completions', body: chat }).then((answer) => answer.text());
    await written(gateway, 1);
    expect(names(gateway)).toEqual([['xai:x', 'requests', 'tokens']]);
  });

  it('follows a renamed profile and goes with a removed one', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    await gateway.post().then((answer) => answer.text());
    await written(gateway, 1);
    gateway.profiles.rename('main', 'anthropic:first', 'anthropic:second');
    expect(heard(gateway).map(({ profileId }) => profileId)).toEqual(['anthropic:second']);
    gateway.profiles.delete('main', 'anthropic:second');
    expect(heard(gateway)).toEqual([]);
  });
});

const chat = { model: 'grok-4-fast', messages: [{ role: 'user', content: 'Hi' }] };
