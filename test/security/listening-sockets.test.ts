import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliSetup, getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

let setup: CliSetup | undefined;
afterEach(async () => {
  await setup?.[Symbol.asyncDispose]();
  setup = undefined;
});

const LISTENING = '0A';

/** Addresses at which a process listens, from proc(5): `127.0.0.1:8400`, `[…]:8400` for IPv6; UDP sockets count as they are. */
function listeningSockets(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
    ),
  );
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    rowsOf(table)
      .filter((row) => inodes.has(row[9]!) && (table.startsWith('udp') || row[3] === LISTENING))
      .map((row) => `${table} ${addressOf(row[1]!)}`),
  );
}

function rowsOf(table: string): string[][] {
  const lines = readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/));
}

/** `0100007F:20D0` is 127.0.0.1:8400 on a little-endian machine, as all of ours are. */
function addressOf(text: string): string {
  const [address, port] = text.split(':') as [string, string];
  const bytes = [...Buffer.from(address, 'hex')];
  const host = bytes.length === 4 ? bytes.reverse().join('.') : address;
  return `${host}:${Number.parseInt(port, 16)}`;
}

/** Unix sockets at which a process listens, from `/proc/net/unix`: their paths. */
function listeningPaths(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
    ),
  );
  return (
    rowsOf('unix')
      // proc(5): flags with __SO_ACCEPTCON; inode; path, where it has one.
      .filter(([, , , flags, , , inode]) => inodes.has(inode!) && Number.parseInt(flags!, 16) & 0x10000)
      .map((row) => row[7] ?? 'unnamed')
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed between two looks
  }
}

describe.skipIf(process.platform !== 'linux')('the gateway process', () => {
  it('listens at the proxy’s address on loopback and nowhere else, before and after requests', async () => {
    setup = await setUpCli();
    const gateway = await runGateway(setup.home);
    const expected = [`tcp 127.0.0.1:${gateway.port}`];
    expect(listeningSockets(gateway.child.pid!)).toEqual(expected);
    const { token } = await getToken(setup.home);
    expect((await messages(gateway.url, token, SMALL)).status).toBe(200);
    expect(listeningSockets(gateway.child.pid!)).toEqual(expected);
    await gateway.kill();
  });

  it('administers at one socket for its own user alone, and over TCP only where the config says so', async () => {
    setup = await setUpCli();
    const socket = join(setup.home.stateDir, 'management.sock');
    const gateway = await runGateway(setup.home);
    expect(listeningPaths(gateway.child.pid!)).toEqual([socket]);
    expect([statSync(socket).mode & 0o777, statSync(setup.home.stateDir).mode & 0o777]).toEqual([0o600, 0o700]);
    await gateway.kill();
    await runCli(setup.home, ['config', 'set', 'management.http', '{ port: 0 }']);
    const open = await runGateway(setup.home);
    const record = JSON.parse(readFileSync(join(setup.home.stateDir, 'gateway.json'), 'utf8')) as {
      managementUrl: string;
    };
    const management = `tcp 127.0.0.1:${new URL(record.managementUrl).port}`;
    expect(listeningSockets(open.child.pid!).sort()).toEqual([`tcp 127.0.0.1:${open.port}`, management].sort());
    expect(listeningPaths(open.child.pid!)).toEqual([socket]);
    await open.kill();
  });

  it.each([
    ['gateway.host', '0.0.0.0'],
    ['management.http', '{ host: "0.0.0.0", port: 0 }'],
    ['management.http', '{ host: "::", port: 0 }'],
  ])(
    'does not start with %s at %s, which is beyond loopback, without TLS and names it answers to',
    async (key, value) => {
      setup = await setUpCli();
      await runCli(setup.home, ['config', 'set', key, value]);
      const { code, stdout } = await runCli(setup.home, ['gateway', 'run', '--port', '0', '--json']);
      expect([code, JSON.parse(stdout)]).toMatchObject([78, { error: { code: 'CONFIG_INVALID' } }]);
    },
  );

  it('listens on loopback also when it is started in the background, and at nothing once it is stopped', async () => {
    setup = await setUpCli();
    const started = await runCli(setup.home, ['gateway', 'start', '--port', '0', '--json']);
    const { url, pid } = JSON.parse(started.stdout) as { url: string; pid: number };
    expect(listeningSockets(pid)).toEqual([`tcp 127.0.0.1:${new URL(url).port}`]);
    expect((await runCli(setup.home, ['gateway', 'stop'])).code).toBe(0);
    expect(
      rowsOf('tcp').filter((row) => row[3] === LISTENING && addressOf(row[1]!) === `127.0.0.1:${new URL(url).port}`),
    ).toEqual([]);
  });
});
