import { expect, it } from 'vitest';
import { tokenOf } from '../fakes/gateway-agents.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const codesOf = (responses: readonly Response[]) =>
  responses.map((response) => response.headers.get('x-moltbot-error') ?? String(response.status)).sort();

it('a token for one use, sent fifty times at once, makes one call to the provider', async () => {
  await using gateway = await TestGateway.start({ profiles: ['first'] });
  const token = tokenOf(gateway, 'main', {}, { uses: 1 });
  const responses = await Promise.all(Array.from({ length: 50 }, () => gateway.post({ token })));
  expect(codesOf(responses)).toEqual(['200', ...Array.from({ length: 49 }, () => 'TOKEN_USED_UP')]);
  const refused = responses.find(({ status }) => status === 401)!;
  expect([refused.headers.get('x-should-retry'), refused.headers.get('x-moltbot-gate')]).toEqual(['false', 'limit']);
  expect(gateway.served()).toEqual(['first 200']);
});

it('a use that is gone stays gone after a restart', async () => {
  const before = await TestGateway.start({ profiles: ['first'] });
  const token = tokenOf(before, 'main', {}, { uses: 2 });
  expect((await before.post({ token })).status).toBe(200);
  const { home, simulator, vault } = before;
  await before.stop();
  await using gateway = await TestGateway.start({ home, simulator, vault });
  const responses = [await gateway.post({ token }), await gateway.post({ token })];
  expect(codesOf(responses)).toEqual(['200', 'TOKEN_USED_UP']);
});

it('a request that is refused takes no use', async () => {
  await using gateway = await TestGateway.start({ profiles: ['first'] });
  const policy = { models: ['anthropic/claude-haiku-4-5'], requestsPerMinute: 2 };
  const token = tokenOf(gateway, 'main', {}, { uses: 2, policy });
  const refused = [
    await gateway.post({ token, body: { ...SMALL, model: 'claude-opus-4-5' } }),
    await gateway.post({ token, path: 'openai/v1/files/x/content/y' }),
    await gateway.post({ token, body: '{"model":"a","model":"b"}' }),
  ];
  expect(codesOf(refused)).toEqual(['DUPLICATE_FIELDS', 'MODEL_NOT_ALLOWED', 'ROUTE_NOT_FOUND']);
  const used = [await gateway.post({ token }), await gateway.post({ token }), await gateway.post({ token })];
  expect(codesOf(used)).toEqual(['200', '200', 'LIMIT_REACHED']);
  gateway.move(60_000);
  expect(codesOf([await gateway.post({ token })])).toEqual(['TOKEN_USED_UP']);
});

it('a token that is used up takes nothing of its agent’s requests a minute', async () => {
  await using gateway = await TestGateway.start({ profiles: ['first'] });
  gateway.agents.change('main', { policy: { requestsPerMinute: 2 } });
  const token = tokenOf(gateway, 'main', {}, { uses: 1 });
  const responses = [await gateway.post({ token }), await gateway.post({ token }), await gateway.post()];
  expect(codesOf(responses)).toEqual(['200', '200', 'TOKEN_USED_UP']);
});
