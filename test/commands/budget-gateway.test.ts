import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { windowAt } from '../../src/budgets/window.ts';
import { formatInZone, formatTime } from '../../src/core/time.ts';
import { runCli } from '../fakes/cli.ts';
import { type CliSetup, setUpCli } from '../security/cli-gateway.ts';

let setup: CliSetup;
beforeAll(async () => {
  setup = await setUpCli({
    gateway: { port: 0 },
    timeZone: 'America/New_York',
    budgets: { main: { requests: 1, per: 'day', enforcement: 'hard' } },
  });
});
afterAll(() => setup[Symbol.asyncDispose]());

const run = (...args: string[]) => runCli(setup.home, args);
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);

it('a budget that a running gateway has used up is what why and resume name, with its end, until it is raised', async () => {
  const { url } = await json('gateway', 'start');
  const token = (await run('get', 'anthropic')).stdout.trim();
  const ask = async () => {
    const { status } = await fetch(`${url}/v1/proxy/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    return status;
  };
  expect([await ask(), await ask()]).toEqual([200, 402]);
  await vi.waitFor(async () => expect((await json('budget', 'show', 'main')).usedUpSince).not.toBeNull(), 5_000);
  const { usedUpSince } = await json('budget', 'show', 'main');
  const endsAt = windowAt('day', 'America/New_York', Date.now()).endMs!;
  const resets = `It resets at ${formatInZone(endsAt, 'America/New_York')}.`;
  expect(await json('why')).toMatchObject({
    usable: false,
    gate: {
      name: 'budget',
      why: `Budget "main" is used up: 1 request of 1 request. ${resets} Open it with: moltbot budget set main --requests 2`,
    },
    stopping: ['budget'],
    cause: { at: usedUpSince, sentence: `It was used up at ${formatTime(usedUpSince)}.` },
    nextAt: endsAt,
    command: 'moltbot budget set main --requests 2',
  });
  expect(await run('resume')).toMatchObject({ code: 3, stdout: expect.stringContaining(resets) });
  expect((await run('budget', 'show', 'main')).stdout).toMatch(/^State +used up since .* America\/New_York$/m);
  expect((await run('budget', 'set', '--requests', '1000')).code).toBe(0);
  await vi.waitFor(async () => expect(await ask()).toBe(200), { timeout: 5_000, interval: 200 });
  expect(await json('why')).toMatchObject({ usable: true, gate: null });
  const { stdout } = await run('audit', 'list');
  expect(stdout).toContain('the gateway stopped requests under the budget main, which is used up');
  expect(stdout).toContain('the gateway let requests out again under the budget main');
});
