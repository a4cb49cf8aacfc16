import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { ANSWER, Machine } from './machine.ts';
import { type Outcome, PROGRAMS } from './sdk.ts';

const MESSAGE = { value: { role: 'assistant', text: ANSWER, stop_reason: 'end_turn' } };
const MOLTBOT = `"${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}"`;

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start({ profiles: ['first', { provider: 'openai', name: 'first' }] });
  expect((await machine.cli(['gateway', 'start'])).code).toBe(0);
});
afterAll(() => machine[Symbol.asyncDispose]());

describe('a program that knows the gateway by its environment only', () => {
  const programs = {
    'anthropic-sdk': [
      ['message', 'stream'],
      [MESSAGE, MESSAGE],
    ],
    'openai-sdk': [
      ['chat', 'responseStream'],
      [
        { value: { text: ANSWER, finish_reason: 'stop' } },
        { value: { first: 'response.created', last: 'response.completed' } },
      ],
    ],
  } as const;

  it.each(['anthropic-sdk', 'openai-sdk'] as const)('works under "moltbot run": %s', async (program) => {
    const [operations, outcomes] = programs[program];
    const command = [process.execPath, join(PROGRAMS, `${program}.js`), ...operations];
    const { code, stdout } = await machine.cli(['run', '--', ...command]);
    expect(JSON.parse(stdout)).toEqual(outcomes);
    expect(code).toBe(0);
  });

  it('works after eval "$(moltbot env)", also where an old key is left in the shell', async () => {
    const program = `"${process.execPath}" "${join(PROGRAMS, 'anthropic-sdk.js')}" message`;
    const stdout = await shell(`eval "$(${MOLTBOT} env --shell bash)" && exec ${program}`, {
      ANTHROPIC_API_KEY: 'sk-ant-sim-left-over-from-before',
    });
    expect(JSON.parse(stdout) as Outcome[]).toEqual([MESSAGE]);
  });

  it.runIf(process.platform === 'linux')('has no provider key in the environment it was started with', async () => {
    const key = machine.simulator.issueKey('anthropic', 'first');
    const show = 'process.stdout.write(require("fs").readFileSync("/proc/self/environ"))';
    const env = { ANTHROPIC_API_KEY: key, COPY_OF_IT: `Bearer ${key}`, OTHER: 'stays' };
    const { stdout } = await machine.cli(['run', '--', process.execPath, '-e', show], { env });
    expect(stdout).toContain('OTHER=stays');
    expect(stdout).toContain('ANTHROPIC_AUTH_TOKEN=mbt_');
    expect(findCanary(key, { texts: { stdout } })).toEqual([]);
  });
});

describe('a token from "moltbot get"', () => {
  it.each([
    ['anthropic', '/v1/messages', 'x-api-key', { model: 'claude-haiku-4-5', max_tokens: 9 }],
    ['openai', '/chat/completions', 'authorization', { model: 'gpt-5' }],
  ])('is all that a plain request to %s needs', async (provider, path, header, question) => {
    const { token, baseUrl } = (await machine.json('get', provider)) as { token: string; baseUrl: string };
    const answer = await fetch(baseUrl + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [header]: header === 'authorization' ? `Bearer ${token}` : token,
      },
      body: JSON.stringify({ ...question, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(ANSWER);
  });

  it('is good for its provider only, and for nothing once it was revoked', async () => {
    const { token, accessor, baseUrl } = (await machine.json('get', 'openai')) as Record<string, string>;
    const status = async (url: string) => (await fetch(`${url}/models`, { headers: { 'x-api-key': token! } })).status;
    expect(await status(baseUrl!)).toBe(200);
    expect(await status(baseUrl!.replace('openai', 'anthropic'))).toBe(403);
    expect((await machine.cli(['revoke', accessor!])).code).toBe(0);
    expect(await status(baseUrl!)).toBe(401);
  });
});

/** What a line typed at a shell of this machine prints. */
async function shell(line: string, env: Record<string, string>): Promise<string> {
  const { stdout } = spawn('/bin/sh', ['-c', line], {
    env: { ...machine.home.env, ...env },
    cwd: machine.home.directory,
  });
  return (await stdout.setEncoding('utf8').toArray()).join('');
}
