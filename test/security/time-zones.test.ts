import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { TestManagement } from '../fakes/test-management.ts';

const CHILD = join(import.meta.dirname, '../fakes/time-zone-child.ts');
const ZONES = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'] as const;

/** What ends when, in a process in that time zone that starts at that moment. */
async function endingsIn(zone: string, startMs: number): Promise<unknown> {
  const child = spawn(process.execPath, [CHILD, String(startMs)], { env: { ...process.env, TZ: zone } });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

describe('everything that ends', () => {
  it.each([
    // Half an hour before, so that what lasts an hour ends after it.
    ['New York sets its clocks back', Date.UTC(2026, 10, 1, 5, 30)],
    ['New York sets its clocks forward', Date.UTC(2027, 2, 14, 6, 30)],
    ['Lord Howe Island sets its clocks forward by half an hour', Date.UTC(2026, 9, 3, 15, 0)],
  ])('ends to the second in three time zones when %s', async (_, startMs) => {
    const time = (ms: number) => `${new Date(startMs + ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const expected = {
      grace: [time(600_000), 200, 401],
      token: [time(3_600_000), '200 served', '401 TOKEN_EXPIRED'],
      enrolment: [time(3_600_000), { providers: ['anthropic'] }, 'ENROLLMENT_NOT_FOUND'],
      agent: [time(86_400_000), '401 NO_CREDENTIALS', '403 AGENT_EXPIRED'],
      credential: [time(86_400_000), '200 served', '401 CREDENTIAL_EXPIRED'],
    };
    for (const zone of ZONES) expect([zone, await endingsIn(zone, startMs)]).toEqual([zone, expected]);
  });
});

describe('a time that no clock reaches', () => {
  it('is refused at the command line and over HTTP, and spoils nothing', async () => {
    await using world = await TestManagement.start();
    for (const expiresAt of [8.64e15 + 1, 2 ** 53, 1e300]) {
      const added = await world.socket.post('/agents', { id: 'guest', expiresAt });
      const auth_data = { api_key: world.simulator.issueKey('anthropic', 'far') };
      const stored = await world.socket.post('/credentials', {
        provider: 'anthropic',
        auth_data,
        expires_at: expiresAt,
      });
      expect([expiresAt, added.status, stored.status]).toEqual([expiresAt, 422, 422]);
    }
    expect((await world.socket.get('/agents')).status).toBe(200);
    const home = cliHome();
    for (const flags of [
      ['agents', 'add', 'guest', '--expires-in', '999999999d'],
      ['agents', 'add', 'guest', '--expires-in', '36501d'],
    ])
      expect((await runCli(home, flags)).code).toBe(64);
    expect((await runCli(home, ['agents', 'add', 'guest', '--expires-in', '36500d'])).code).toBe(0);
    expect((await runCli(home, ['agents', 'list'])).code).toBe(0);
    home.remove();
  });
});

describe('the command line', () => {
  let home: CliHome;
  afterEach(() => home.remove());

  it('tells the same times in three time zones, and none of them by the clock on the wall', async () => {
    home = cliHome();
    await runCli(home, ['agents', 'add', 'guest', '--expires-in', '30d']);
    const commands = [
      ['agents', 'list'],
      ['agents', 'show', 'guest'],
      ['audit', 'list'],
      ['agents', 'list', '--json'],
    ];
    for (const command of commands) {
      const told = await Promise.all(ZONES.map((TZ) => runCli(home, command, { env: { TZ } })));
      expect([command, new Set(told.map(({ code, stdout }) => `${code} ${stdout}`)).size]).toEqual([command, 1]);
      expect(told[0]!.code).toBe(0);
    }
  });
});
