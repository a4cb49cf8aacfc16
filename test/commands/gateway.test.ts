import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(async () => {
  await runCli(home, ['gateway', 'stop']);
  home.remove();
});

const ended = (child: ReturnType<typeof startCli>) =>
  new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );

async function runGateway(...args: string[]) {
  const child = startCli(home, ['gateway', 'run', '--port', '0', '--json', ...args]);
  const { url, pid } = JSON.parse(await outputUntil(child, /\}\s*$/)) as { url: string; pid: number };
  return { child, url, pid };
}

describe('gateway run', () => {
  it('says where it listens once it does, refuses a second one, and drains at SIGTERM', async () => {
    const { child, url, pid } = await runGateway();
    expect(pid).toBe(child.pid);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const second = await runCli(home, ['gateway', 'run', '--port', '0', '--json']);
    expect([second.code, JSON.parse(second.stdout).error.code, second.stderr]).toEqual([69, 'GATEWAY_RUNNING', '']);
    expect(JSON.parse(second.stdout).error.message).toContain(`at ${url} (pid ${pid}, `);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(existsSync(join(home.stateDir, 'gateway.json'))).toBe(false);
  });

  it('leaves only private files behind', async () => {
    const { child } = await runGateway();
    const modes = readdirSync(home.stateDir).map((name) => [name, statSync(join(home.stateDir, name)).mode & 0o077]);
    expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
    expect(modes.map(([name]) => name)).toEqual(
      expect.arrayContaining(['gateway.json', 'gateway.lock', 'gateway.log']),
    );
    child.kill('SIGTERM');
    await ended(child);
  });

  it('starts again after kill -9, which status does not take for a running gateway', async () => {
    const first = await runGateway();
    first.child.kill('SIGKILL');
    await ended(first.child);
    const status = await runCli(home, ['gateway', 'status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: false });
    const second = await runGateway();
    second.child.kill('SIGINT');
    expect(await ended(second.child)).toBe(0);
  });

  it('names the program that has the port, and the line that changes it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const taken = await runCli(home, ['gateway', 'run', '--port', String(port)]);
    server.close();
    expect([taken.code, taken.stdout]).toEqual([69, '']);
    const [message, hint] = taken.stderr.split('\n');
    expect(message).toBe(
      `Port ${port} is taken by ${readFileSync('/proc/self/comm', 'utf8').trim()} (pid ${process.pid}).`,
    );
    expect(hint).toMatch(/^Take another port: moltbot config set gateway\.port \d+$/);
  });

  it('keeps to 8400 when that is taken and nobody said otherwise, where run takes a free port and records it', async () => {
    const blocker = createServer();
    // Somebody else on this machine may have it: then it is taken, too.
    await new Promise<void>((resolve) => blocker.once('error', () => resolve()).listen(8400, '127.0.0.1', resolve));
    const refused = await runCli(home, ['gateway', 'run', '--json']);
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([69, 'PORT_TAKEN']);
    const run = await runCli(home, ['run', '--', process.execPath, '-p', 'process.env.ANTHROPIC_BASE_URL']);
    blocker.close();
    const { url } = JSON.parse((await runCli(home, ['gateway', 'status', '--json'])).stdout);
    expect(run.stdout).toBe(`${url}/v1/proxy/anthropic\n`);
    expect(new URL(url).port).not.toBe('8400');
    expect(JSON.parse((await runCli(home, ['get', 'xai', '--json'])).stdout).baseUrl).toBe(`${url}/v1/proxy/xai/v1`);
  });

  it.each([
    { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    { NODE_OPTIONS: '--insecure-http-parser' },
    { NODE_OPTIONS: '--tls-keylog=/tmp/keys' },
    { NODE_DEBUG: 'timer,http' },
    { NODE_DEBUG: 'TL*' },
    { SSLKEYLOGFILE: '/tmp/keys' },
  ] as Record<string, string>[])('does not start in an unsafe environment: %o', async (env) => {
    const refused = await runCli(home, ['gateway', 'run', '--port', '0', '--json'], { env });
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([78, 'UNSAFE_ENVIRONMENT']);
    expect(existsSync(join(home.stateDir, 'gateway.json'))).toBe(false);
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', 'box.lan'])(
    'does not listen on %s without being told whom and how',
    async (host) => {
      const refused = await runCli(home, ['gateway', 'run', '--host', host, '--port', '0', '--json']);
      expect([refused.code, JSON.parse(refused.stdout).error]).toEqual([
        78,
        {
          code: 'CONFIG_INVALID',
          message: `The gateway does not listen on ${host}, beyond this machine, without gateway.allowedHosts and gateway.tls or gateway.trustedOverlay.`,
          hint: 'Name the hosts and the protection first: moltbot config edit, or listen on 127.0.0.1',
        },
      ]);
    },
  );
});

describe('gateway start, status, restart, stop, logs', () => {
  it('serves in the background until it is stopped, and is gone when stop returns', async () => {
    const started = JSON.parse((await runCli(home, ['gateway', 'start', '--port', '0', '--json'])).stdout);
    expect((await fetch(`${started.url}/healthz`)).status).toBe(200);
    const status = JSON.parse((await runCli(home, ['gateway', 'status', '--json'])).stdout);
    expect(status).toMatchObject({ running: true, answering: true, url: started.url, pid: started.pid });
    const restarted = JSON.parse((await runCli(home, ['gateway', 'restart', '--json'])).stdout);
    expect(restarted).toEqual({ stopped: true, url: started.url, pid: expect.any(Number) });
    expect(restarted.pid).not.toBe(started.pid);
    const stopped = await runCli(home, ['gateway', 'stop', '--json']);
    expect(JSON.parse(stopped.stdout)).toEqual({ stopped: true, url: started.url, pid: restarted.pid });
    await expect(fetch(`${started.url}/healthz`)).rejects.toThrow();
    expect(JSON.parse((await runCli(home, ['gateway', 'stop', '--json'])).stdout)).toEqual({ stopped: false });
    const logs = await runCli(home, ['gateway', 'logs']);
    const messages = logs.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages.filter((message) => /^(listening|draining|stopped)$/.test(message))).toEqual([
      'listening',
      'draining',
      'stopped',
      'listening',
      'draining',
      'stopped',
    ]);
    const { schemaVersion, items } = JSON.parse((await runCli(home, ['gateway', 'logs', '--json', '-n', '2'])).stdout);
    expect([schemaVersion, items]).toEqual([
      1,
      logs.stdout
        .trim()
        .split('\n')
        .slice(-2)
        .map((line) => JSON.parse(line)),
    ]);
  });

  it('has a list without items where there is no log yet', async () => {
    const { stdout, stderr } = await runCli(home, ['gateway', 'logs', '--json']);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, items: [] });
    expect(stderr).toContain('Start the gateway: moltbot gateway start');
  });

  it('follows the log as JSON lines, also with --json', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    writeFileSync(join(home.stateDir, 'gateway.log'), '{"n":1}\n');
    const child = startCli(home, ['gateway', 'logs', '--follow', '--json']);
    expect(await outputUntil(child, /}/)).toBe('{"n":1}\n');
    child.kill();
  });

  it('shows a line that was cut short as it is', async () => {
    mkdirSync(home.stateDir, { mode: 0o700 });
    writeFileSync(join(home.stateDir, 'gateway.log'), '{"n":1}\n{"n":');
    const { stdout } = await runCli(home, ['gateway', 'logs', '--json']);
    expect(JSON.parse(stdout).items).toEqual([{ n: 1 }, { line: '{"n":' }]);
  });

  it("fails with the gateway's own reason", async () => {
    const { child, url } = await runGateway();
    const port = new URL(url).port;
    const other = cliHome();
    const refused = await runCli(other, ['gateway', 'start', '--port', port, '--json']);
    other.remove();
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([69, 'PORT_TAKEN']);
    expect(JSON.parse(refused.stdout).error.message).toMatch(
      new RegExp(`^Port ${port} is taken by .* \\(pid ${child.pid}\\)\\.$`),
    );
    // A warning of Node's own stands before the reason.
    const env = { NODE_EXTRA_CA_CERTS: '/no/such/file.pem', NODE_OPTIONS: '--trace-warnings' };
    const second = await runCli(home, ['gateway', 'start', '--port', '0', '--json'], { env });
    expect(JSON.parse(second.stdout).error.code).toBe('GATEWAY_RUNNING');
    child.kill('SIGTERM');
    await ended(child);
  });
});

describe('gateway install', () => {
  it.runIf(process.platform === 'linux')('shows the unit without writing it, and writes and removes it', async () => {
    const unit = join(home.directory, '.config', 'systemd', 'user', 'moltbot.service');
    const printed = await runCli(home, ['gateway', 'install', '--print']);
    expect(printed.stdout).toMatch(/^ExecStart="[^"]+" "[^"]+\/bin\/run\.js" "gateway" "run"$/m);
    expect(printed.stdout).toContain(`Environment="MOLTBOT_HOME=${home.stateDir}"`);
    expect(existsSync(unit)).toBe(false);
    // Without a session bus systemctl cannot help; the file is written and the rest is said.
    const installed = JSON.parse((await runCli(home, ['gateway', 'install', '--json'])).stdout);
    expect(installed).toMatchObject({ file: unit, written: true, reboot: { why: expect.any(String) } });
    expect(readFileSync(unit, 'utf8').trim()).toBe(printed.stdout.trim());
    const removed = JSON.parse((await runCli(home, ['gateway', 'uninstall', '--json'])).stdout);
    expect([removed.removed, existsSync(unit)]).toEqual([true, false]);
  });
});
