import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';
import { writeConfig } from '../security/cli-gateway.ts';

let home: CliHome;
let simulator: Simulator;
let key: string;
beforeAll(async () => {
  home = cliHome();
  simulator = await startSimulator();
  key = simulator.issueKey('anthropic', 'canary');
  writeConfig(home, {
    env: { ANTHROPIC_API_KEY: '${WORK_KEY}' },
    gateway: { port: 0 },
    models: { providers: { anthropic: { baseUrl: simulator.url } } },
  });
});
afterAll(async () => {
  await runCli(home, ['gateway', 'stop']);
  await simulator.close();
  home.remove();
});

const node = (script: string) => ['run', '--', process.execPath, '-e', script];
const env = () => ({ WORK_KEY: key, XAI_API_KEY: 'xai-sim-never-seen-by-a-child' });
const run = (args: readonly string[], more: Record<string, string> = {}) =>
  runCli(home, args, { env: { ...env(), ...more } });

describe('run', () => {
  it('starts the gateway and gives the child a token that works, and none of the keys', async () => {
    const script = `
      const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token } = process.env;
      const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
      const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] });
      fetch(url + '/v1/messages', { method: 'POST', headers, body }).then(async (answer) => {
        await answer.text();
        console.log(JSON.stringify({ status: answer.status, env: process.env }));
      });`;
    const { code, stdout, stderr } = await run(node(script));
    expect(code).toBe(0);
    const child = JSON.parse(stdout) as { status: number; env: Record<string, string> };
    expect(child.status).toBe(200);
    expect(stdout + stderr).not.toContain(key);
    expect(stdout).not.toContain('xai-sim-never');
    expect(child.env).toMatchObject({
      ANTHROPIC_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/proxy\/anthropic$/),
      ANTHROPIC_AUTH_TOKEN: expect.stringMatching(/^mbt_/),
      OPENAI_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/proxy\/openai\/v1$/),
    });
    expect(child.env.OPENAI_API_KEY).toBe(child.env.ANTHROPIC_AUTH_TOKEN);
    expect(stderr).toContain('Started the gateway at http://127.0.0.1:');
    expect(stderr).toContain('MOLTBOT_VAULT_KEY_FILE, WORK_KEY, XAI_API_KEY.');
  });

  it('revokes the token when the child ends, and passes its exit code', async () => {
    const { code, stdout } = await run(node('console.log(process.env.ANTHROPIC_AUTH_TOKEN); process.exit(7)'));
    const { url } = JSON.parse((await run(['gateway', 'status', '--json'])).stdout);
    const after = await fetch(`${url}/v1/proxy/anthropic/v1/models`, { headers: { 'x-api-key': stdout.trim() } });
    expect([code, after.status, after.headers.get('x-moltbot-error')]).toEqual([7, 401, 'TOKEN_REVOKED']);
    expect(JSON.parse((await run(['active', '--json'])).stdout).items).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('passes %s on and gives the exit code of a shell', async (signal, code) => {
    const child = startCli(home, node('console.log("up"); setInterval(() => {}, 1000)'), { env: env() });
    await outputUntil(child, /up/);
    child.kill(signal);
    const exit = await new Promise((resolve) => child.once('exit', resolve));
    expect(exit).toBe(code);
    expect(JSON.parse((await run(['active', '--json'])).stdout).items).toEqual([]);
  });

  it('lets a child that handles a signal decide how it ends', async () => {
    const script = 'process.on("SIGTERM", () => process.exit(3)); console.log("up"); setInterval(() => {}, 1000)';
    const child = startCli(home, node(script), { env: env() });
    await outputUntil(child, /up/);
    await sleep(50);
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(3);
  });

  it('hands stdin and every argument through, also what looks like flags of its own', async () => {
    const script = 'process.stdin.pipe(process.stdout); console.log(JSON.stringify(process.argv.slice(1)))';
    const args = ['run', '--', process.execPath, '-e', script, '--', '--agent', '--json', '', 'a b', '--'];
    const { stdout } = await runCli(home, args, { env: env(), input: 'from stdin' });
    expect(stdout).toBe(`${JSON.stringify(['--agent', '--json', '', 'a b', '--'])}\nfrom stdin`);
  });

  it('tells codex where to go by its arguments, without the token among them', async () => {
    const codex = join(home.directory, 'codex');
    writeFileSync(codex, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    chmodSync(codex, 0o755);
    const { stdout } = await run(['run', '--', codex, 'exec', 'hi']);
    expect(stdout).toMatch(/^-c\nmodel_provider="moltbot-run"\n[\s\S]*\/v1\/proxy\/openai\/v1"\n[\s\S]*\nexec\nhi\n$/);
    expect(stdout).not.toContain('mbt_');
  });

  it('has Claude Code take back settings that would go past the gateway, and warns of those that stay', async () => {
    const claude = join(home.directory, 'claude');
    writeFileSync(claude, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    chmodSync(claude, 0o755);
    mkdirSync(join(home.directory, '.claude'));
    const env = { ANTHROPIC_BASE_URL: 'http://elsewhere', ANTHROPIC_API_KEY: 'x' };
    writeFileSync(join(home.directory, '.claude', 'settings.json'), JSON.stringify({ env }));
    const { stdout, stderr } = await run(['run', '--', claude, '-p', 'hi']);
    expect(stdout).toMatch(/^--settings\n{"env":{"ANTHROPIC_BASE_URL":"http:\/\/127.*"},"apiKeyHelper":""}\n-p\nhi\n$/);
    expect(stderr.split('\n').filter((line) => line.startsWith('Warning'))).toEqual([
      expect.stringMatching(/settings\.json sets env\.ANTHROPIC_API_KEY, which overrides what this command sets\.$/),
    ]);
  });

  it.each([
    [['run', '--', 'no-such-program-here'], 64, /^There is no program "no-such-program-here" to run\.$/m],
    [['run', '--', '/nonexistent'], 64, /^There is no program "\/nonexistent" to run\.$/m],
    [['run'], 64, /^There is no program to run\.$/m],
    [['run', '--provider', 'nope', '--', 'true'], 64, /^There is no provider "nope"\.$/m],
    [['run', '--agent', 'nobody', '--', 'true'], 64, /^There is no agent "nobody"\.$/m],
  ] as const)('refuses %j and leaves no token', async (args, code, sentence) => {
    const refused = await run(args);
    expect([refused.code, refused.stdout]).toEqual([code, '']);
    expect(refused.stderr).toMatch(sentence);
    expect(JSON.parse((await run(['active', '--json'])).stdout).items).toEqual([]);
  });

  it.each([['no-such-program-here'], ['/nonexistent'], ['.']])('starts no gateway for %s', async (program) => {
    const other = cliHome();
    const { code } = await runCli(other, ['run', '--', program]);
    const { stdout } = await runCli(other, ['gateway', 'status', '--json']);
    other.remove();
    expect([code, JSON.parse(stdout).running]).toEqual([64, false]);
  });

  it('gives a program no more than the amount that was typed before it, and says what it spent', async () => {
    const script = `
      const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token } = process.env;
      const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
      const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] });
      const ask = async () => {
        const answer = await fetch(url + '/v1/messages', { method: 'POST', headers, body });
        await answer.text();
        return [answer.status, answer.headers.get('x-moltbot-error')];
      };
      ask().then(async (first) => console.log(JSON.stringify([first, await ask()])));`;
    const child = ['--', process.execPath, '-e', script];
    const spent = await run(['run', '--requests', '1', ...child]);
    expect([spent.code, JSON.parse(spent.stdout)]).toEqual([
      0,
      [
        [200, null],
        [402, 'BUDGET_USED_UP'],
      ],
    ]);
    expect(spent.stderr).toContain('It spent 1 request of 1 request.\n');
    const hard = await run(['run', '--usd', '0.000001', '--hard', ...child]);
    expect(JSON.parse(hard.stdout)[0]).toEqual([402, 'BUDGET_TOO_SMALL']);
    expect(hard.stderr).toContain('It spent $0.00 of $0.000001.\n');
  });

  it('says as JSON why it cannot start, and leaves all other output to the program', async () => {
    const refused = await run(['run', '--json', '--', 'no-such-program-here']);
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([64, 'UNKNOWN_COMMAND']);
    const { stdout } = await run(['run', '--json', '--', process.execPath, '-e', 'console.log("its own")']);
    expect(stdout).toBe('its own\n');
  });
});
