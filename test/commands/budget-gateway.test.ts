import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { windowAt } from '../../src/budgets/window.ts';
import { formatInZone, formatTime } from '../../src/core/time.ts';
import { runCli } from '../fakes/cli.ts';
import { type CliSetup, setUpCli } from '../security/cli-gateway.ts';

let setup: CliSetup;
let url: string;
beforeAll(async () => {
  setup = await setUpCli({
    gateway: { port: 0 },
    timeZone: 'America/New_York',
    budgets: { main: { requests: 1, per: 'day', enforcement: 'hard' } },
  });
  ({ url } = await json('gateway', 'start'));
});
afterAll(() => setup[Symbol.asyncDispose]());

const run = (...args: string[]) => runCli(setup.home, args);
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);

async function ask(token: string): Promise<number> {
  const { status } = await fetch(`${url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': token, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return status;
}

it('a budget that a running gateway has used up is what why and resume name, with its end, until it is raised', async () => {
  const token = (await run('get', 'anthropic')).stdout.trim();
  expect([await ask(token), await ask(token)]).toEqual([200, 402]);
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
  await vi.waitFor(async () => expect(await ask(token)).toBe(200), { timeout: 5_000, interval: 200 });
  expect(await json('why')).toMatchObject({ usable: true, gate: null });
  const { stdout } = await run('audit', 'list');
  expect(stdout).toContain('the gateway stopped requests under the budget main, which is used up');
  expect(stdout).toContain('the gateway let requests out again under the budget main');
});

it('a budget of a label counts what tokens with that label do, and nothing else', async () => {
  const scope = ['nightly', '--label', 'nightly', '--requests', '0', '--per', 'total'];
  expect((await run('budget', 'set', ...scope)).code).toBe(0);
  const { token, label } = await json('get', 'anthropic', '--label', 'nightly');
  expect(label).toBe('nightly');
  await vi.waitFor(async () => expect(await ask(token)).toBe(402), { timeout: 5_000, interval: 200 });
  expect(await ask((await json('get', 'anthropic')).token)).toBe(200);
  const script = `fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', { method: 'POST', body: '{"model":"claude-haiku-4-5","max_tokens":5,"messages":[]}',
    headers: { 'x-api-key': process.env.ANTHROPIC_AUTH_TOKEN, 'content-type': 'application/json' } }).then(({ status }) => console.log(status))`;
  const answered = async (...args: string[]) =>
    (await run('run', ...args, '--', process.execPath, '-e', script)).stdout;
  expect(await answered('--label', 'nightly')).toBe('402\n');
  expect(await answered('--label', 'daily')).not.toBe('402\n');
  const refused = await run('get', 'anthropic', '--label', 'a\u0007');
  expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining('--label takes up to 100 plain')]);
});
