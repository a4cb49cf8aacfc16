import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { booksOver, storyOf } from '../fakes/agent-books.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { Trial } from './agents-trial.ts';

const OPERATIONS = 1_000;

it('agrees with a small model of agents and tokens over 1,000 operations at random', { timeout: 120_000 }, async () => {
  const seed = Number(process.env.MOLTBOT_TEST_SEED ?? randomInt(2 ** 31));
  process.stdout.write(`agents-model: MOLTBOT_TEST_SEED=${seed}\n`);
  const standsAtMs = Math.floor(Date.now() / 1000) * 1000;
  const trial = new Trial(await TestGateway.start({ standsAtMs }), seed);
  try {
    for (const provider of ['anthropic', 'xai'] as const) await trial.store('main', provider);
    for (let operation = 1; operation <= OPERATIONS; operation++) {
      await trial.step().catch((error: Error) => {
        const before = trial.log.slice(-12).join('\n  ');
        throw new Error(`Seed ${seed}, operation ${operation}: ${error.message}\n  ${before}`, { cause: error });
      });
    }
    expect(trial.gateway.simulator.requests.length).toBe(trial.model.calls);
    expect(trial.model.calls).toBeGreaterThan(30);
    const told = storyOf(booksOver(trial.gateway.database));
    expect(told.filter((line) => line.startsWith('person:tester'))).toEqual(trial.story);
  } finally {
    await trial.gateway[Symbol.asyncDispose]();
  }
});
