import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { writeConfig } from '../security/cli-gateway.ts';

let home: CliHome;
let simulator: Simulator;
let env: Record<string, string>;
beforeEach(async () => {
  home = cliHome();
  simulator = await startSimulator({ script: { answer: { deltas: 200 }, pacing: { perEventMs: 100 } } });
  env = { ANTHROPIC_API_KEY: simulator.issueKey('anthropic', 'only') };
  writeConfig(home, { gateway: { port: 0 }, models: { providers: { anthropic: { baseUrl: simulator.url } } } });
});
afterEach(async () => {
  await runCli(home, ['gateway', 'stop']);
  await simulator.close();
  home.remove();
});

const json = async (...args: string[]) => JSON.parse((await runCli(home, [...args, '--json'], { env })).stdout);

const ask = (baseUrl: string, token: string) =>
  fetch(`${baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': token, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-haiku-4-5',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    }),
  });

describe('revoke, by another process than the gateway', () => {
  it('cuts an open stream within a second, and the token stays refused after kill -9 and a restart', async () => {
    const { pid } = await json('gateway', 'start');
    const { token, accessor, baseUrl } = await json('get', 'anthropic');
    const stream = await ask(baseUrl, token);
    expect(stream.status).toBe(200);
    const text = stream.text().then((body) => ({ body, atMs: Date.now() }));
    await json('revoke', accessor);
    const revokedAtMs = Date.now();
    const { body, atMs } = await text;
    expect(body).toContain('event: error');
    expect(body).not.toContain('message_stop');
    expect(atMs - revokedAtMs).toBeLessThan(1_000);
    expect((await ask(baseUrl, token)).status).toBe(401);
    process.kill(pid, 'SIGKILL');
    const again = await json('gateway', 'start');
    const answer = await ask(`${again.url}/v1/proxy/anthropic`, token);
    expect([answer.status, answer.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
  });

  it('says that an agent does not exist', async () => {
    const { code, stdout, stderr } = await runCli(home, ['revoke', '--agent', 'nosuch']);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([64, '', 'There is no agent "nosuch".']);
    expect(await runCli(home, ['revoke', '--agent', 'main'])).toMatchObject({ code: 0 });
  });

  it('ends the tokens of a removed agent at once, and a new agent of that name does not revive them', async () => {
    await json('gateway', 'start');
    await json('agents', 'add', 'reviewer');
    const { token, baseUrl } = await json('get', 'anthropic', '--agent', 'reviewer');
    expect((await ask(baseUrl, token)).headers.get('x-moltbot-error')).toBe('NO_CREDENTIALS');
    await json('agents', 'remove', 'reviewer', '--yes');
    expect((await ask(baseUrl, token)).status).toBe(401);
    await json('agents', 'add', 'reviewer');
    expect((await ask(baseUrl, token)).headers.get('x-moltbot-error')).toBe('TOKEN_REJECTED');
  });
});
