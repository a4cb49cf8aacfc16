import { expect, it } from 'vitest';
import { addAgent, endAgent } from '../../src/agents/change-agents.ts';
import { booksOf, tester, tokenOf } from '../fakes/gateway-agents.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

it('a removed agent’s tokens die together, the others live, and its name later revives none', async () => {
  await using gateway = await TestGateway.start({
    profiles: ['first', { name: 'own', agentId: 'gone' }, { name: 'other', agentId: 'stays' }],
  });
  const books = booksOf(gateway);
  const tokens = Array.from({ length: 10 }, () => tokenOf(gateway, 'gone'));
  const others = [gateway.token, tokenOf(gateway, 'stays')];
  const statuses = (all: readonly string[]) =>
    Promise.all(all.map(async (token) => (await gateway.post({ token })).status));
  expect(new Set(await statuses(tokens))).toEqual(new Set([200]));
  await gateway.credentials.remove('gone', 'anthropic:own');
  endAgent(books, 'gone', {}, tester(gateway));
  expect(new Set(await statuses(tokens))).toEqual(new Set([401]));
  expect(await statuses(others)).toEqual([200, 200]);
  addAgent(books, 'gone', {}, tester(gateway));
  expect(new Set(await statuses(tokens))).toEqual(new Set([401]));
  expect((await gateway.post({ token: tokenOf(gateway, 'gone') })).headers.get('x-moltbot-gate')).toBe(
    'credential:anthropic',
  );
});
