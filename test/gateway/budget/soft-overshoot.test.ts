import { expect, it } from 'vitest';
import { AgentStore } from '../../../src/agents/agent-store.ts';
import type { Stores } from '../../../src/app.ts';
import { budgetOutlook } from '../../../src/status/budget-status.ts';
import { TestGateway } from '../../fakes/test-gateway.ts';

const USD = 1_000_000_000;
/** What the worst of these requests costs: 20,000 tokens of output of Opus 4.5, and a few of input. */
const DEAR = { input_tokens: 1_000, output_tokens: 20_000 };
const CHEAP = { input_tokens: 1_000, output_tokens: 1_000 };

function start(): Promise<TestGateway> {
  return TestGateway.start({
    profiles: ['first'],
    config: {
      auth: { maxWaitMs: 100 },
      budgets: { main: { usd: 2, per: 'total' } },
      agents: { defaults: { model: { primary: 'anthropic/claude-opus-4-5' } } },
    },
    script: { answer: { usage: DEAR } },
  });
}

function outlook(gateway: TestGateway) {
  const stores = { database: gateway.database, agents: new AgentStore(gateway.database) } as unknown as Stores;
  return budgetOutlook(stores, gateway.dependencies.app.config().config, 'main', gateway.now());
}

const ask = (gateway: TestGateway) =>
  gateway.post({
    body: { model: 'claude-opus-4-5', max_tokens: 20_000, messages: [{ role: 'user', content: 'Hi' }] },
  });
/** By how much the budget is passed after so many requests at once. */
async function passedBy(gateway: TestGateway, count: number): Promise<number> {
  await Promise.all(Array.from({ length: count }, async () => (await ask(gateway)).arrayBuffer()));
  return outlook(gateway).spent - 2 * USD;
}

it('a soft budget is not passed by more than was printed, where nothing was known of its requests', async () => {
  await using gateway = await start();
  const { overshoot } = outlook(gateway);
  gateway.simulator.setScript({ answer: { usage: DEAR }, pacing: { firstByteMs: 300 } });
  const passed = await passedBy(gateway, 100);
  expect(passed).toBeGreaterThan(5 * USD);
  expect(passed).toBeLessThanOrEqual(overshoot!);
  expect(outlook(gateway)).toMatchObject({ state: 'used_up', overshoot: 0 });
}, 30_000);

it('nor where all of its requests suddenly take much more than they did', async () => {
  await using gateway = await start();
  gateway.simulator.setScript({ answer: { usage: CHEAP } });
  for (let count = 0; count < 25; count++) await (await ask(gateway)).arrayBuffer();
  const before = outlook(gateway);
  expect(before).toMatchObject({ state: 'open', largestRequest: { seen: true } });
  gateway.simulator.setScript({ answer: { usage: DEAR }, pacing: { firstByteMs: 500 } });
  const passed = await passedBy(gateway, 100);
  expect(passed).toBeGreaterThan(5 * USD);
  expect(passed).toBeLessThanOrEqual(before.overshoot!);
}, 30_000);

it('nor than so many requests may take as its agent may run at a time', async () => {
  await using gateway = await start();
  gateway.agents.change('main', { policy: { concurrency: 2 } });
  const { overshoot, largestRequest } = outlook(gateway);
  expect(overshoot).toBe(2 * largestRequest!.amount);
  let passed = -2 * USD;
  while (passed < 0) passed = await passedBy(gateway, 2);
  expect(passed).toBeLessThanOrEqual(overshoot!);
}, 30_000);
