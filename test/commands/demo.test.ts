import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const exitOf = (child: ReturnType<typeof startCli>) => new Promise((resolve) => child.once('exit', resolve));

describe.each(['demo', 'start'])('moltbot %s on a machine with nothing', (command) => {
  it('tells what happened to one request, goes on serving, and leaves nothing behind', async () => {
    const child = startCli(home, [command]);
    const text = await outputUntil(child, /Ctrl-C ends it/);
    const steps =
      /tried anthropic:first: the provider answered 429\n {2}anthropic:first cools down until .*\n {2}tried anthropic:second: the provider answered 200\n {2}the client saw 200 after \d+ ms/;
    expect(text).toMatch(steps);
    // The command to try next works as it is printed.
    const curl = /^ {2}(curl [\s\S]*?}')$/m.exec(text)![1]!;
    const { stdout } = await promisify(execFile)('sh', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'message', model: 'claude-haiku-4-5' });
    const demoHome = /MOLTBOT_HOME=(\S+)/.exec(text)![1]!;
    expect(existsSync(demoHome)).toBe(true);
    child.kill('SIGHUP');
    expect(await exitOf(child)).toBe(0);
    expect([existsSync(demoHome), existsSync(home.stateDir)]).toEqual([false, false]);
  });
});

describe('moltbot demo --json', () => {
  it('prints what happened as one object as soon as it has, and goes on serving', async () => {
    const child = startCli(home, ['demo', '--json']);
    const shown = JSON.parse(await outputUntil(child, /^}$/m));
    expect(shown).toEqual({
      baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/proxy\/anthropic$/),
      token: expect.stringMatching(/^mbt_/),
      simulatorUrl: expect.stringMatching(/^http:/),
      environment: { MOLTBOT_HOME: expect.any(String), MOLTBOT_VAULT_KEY_FILE: expect.any(String) },
      attempts: [
        { profileId: 'anthropic:first', status: 429 },
        { profileId: 'anthropic:second', status: 200 },
      ],
      answer: { status: 200, text: expect.any(String), tookMs: expect.any(Number) },
    });
    const rest = child.stdout.toArray();
    const models = await fetch(`${shown.baseUrl}/v1/models`, { headers: { 'x-api-key': shown.token } });
    expect(models.status).toBe(200);
    child.kill('SIGTERM');
    expect([await exitOf(child), await rest]).toEqual([0, []]);
  });
});

describe('plain start', () => {
  it('uses a key of the environment, stores nothing of it and calls nobody', async () => {
    const simulator = await startSimulator();
    const key = simulator.issueKey('xai', 'canary');
    const child = startCli(home, ['start'], { env: { XAI_API_KEY: key } });
    const text = await outputUntil(child, /run -- claude/);
    expect(text).toContain('Using XAI_API_KEY of this environment. Nothing is stored and no paid call is made.');
    expect(text).toMatch(/The gateway listens on http:\/\/127\.0\.0\.1:\d+ \(pid \d+\)/);
    const { stdout } = await promisify(execFile)('grep', ['-rac', key, home.stateDir]).catch((error) => error);
    expect(stdout.split('\n').filter((line: string) => line && !line.endsWith(':0'))).toEqual([]);
    expect(simulator.requests).toEqual([]);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    await simulator.close();
  });

  it('runs the gateway when there is a config', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    writeFileSync(join(home.stateDir, 'moltbot.json'), '{ gateway: { port: 0 } }', { mode: 0o600 });
    const child = startCli(home, ['start']);
    await outputUntil(child, /The gateway listens on/);
    expect(JSON.parse((await runCli(home, ['gateway', 'status', '--json'])).stdout)).toMatchObject({ running: true });
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
  });
});
