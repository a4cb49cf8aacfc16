import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertStore } from '../../src/alerts/alert-store.ts';
import { Database } from '../../src/database/database.ts';
import { MESSAGE } from '../fakes/alert-message.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { httpsReceiver } from '../fakes/https-receiver.ts';
import { writeConfig } from '../security/cli-gateway.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

function program(name: string, text: string): string {
  const file = join(home.directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o700);
  return file;
}

describe('moltbot alerts test', () => {
  it('sends one alert over every way and says that each worked', async () => {
    await using receiver = await httpsReceiver(204);
    const tell = program('tell', `cat > "${home.directory}/stdin"; env > "${home.directory}/env"`);
    program('notify-send', `printf '%s\\n' "$@" > "${home.directory}/notice"`);
    const url = `${receiver.origin}/services/hidden-path`;
    const webhook = { url, secret: '${HOOK_SECRET}', allowPrivateNetwork: true };
    writeConfig(home, { network: { caFile: receiver.caFile }, alerts: { desktop: true, command: [tell], webhook } });
    const secret = ['signing', 'word', 'canary'].join('-');
    const env = { PATH: `${home.directory}:${process.env.PATH}`, HOOK_SECRET: secret };
    const result = await runCli(home, ['alerts', 'test', '--json'], { env });
    const items = [
      { way: 'desktop', ok: true, said: 'notify-send showed it' },
      { way: 'command', ok: true, said: `${tell} ended with exit code 0` },
      { way: 'webhook', ok: true, said: `${receiver.origin} answered 204` },
    ];
    expect([result.code, result.stderr, JSON.parse(result.stdout)]).toEqual([
      0,
      '',
      { schemaVersion: 1, items, gatewayHost: hostname() },
    ]);
    const text = `This is a test of moltbot's alerts on ${hostname()}.`;
    const got = JSON.parse(receiver.received[0]!.body);
    expect(got).toEqual({
      schemaVersion: 1,
      id: expect.stringMatching(/^alt_[0-9a-f]{20}$/),
      kind: 'test',
      at: new Date(got.atMs).toISOString(),
      atMs: expect.any(Number),
      subject: 'alerts test',
      text,
      detail: {},
      host: hostname(),
      gatewayUrl: null,
    });
    const read = (name: string) => readFileSync(join(home.directory, name), 'utf8');
    expect(JSON.parse(read('stdin'))).toEqual(got);
    expect(read('notice')).toBe(`--app-name=moltbot\n--\nmoltbot\n${text}\n`);
    const sent = JSON.stringify(receiver.received.map(({ headers, body }) => ({ headers, body })));
    expect(findCanary(secret, { texts: { sent, env: read('env'), stdout: result.stdout } })).toEqual([]);
    expect(result.stdout).not.toContain('hidden-path');
  });

  it('ends with 69 when a way did not work, and says why', async () => {
    const tell = program('tell', 'echo "no network" >&2; exit 3');
    writeConfig(home, {
      alerts: { command: [tell], webhook: { url: 'https://example.com/x', secret: '${HOOK_SECRET}' } },
    });
    const { code, stdout } = await runCli(home, ['alerts', 'test']);
    expect([code, stdout]).toEqual([
      69,
      [
        'WAY      RESULT  WHAT CAME OF IT',
        `command  FAILED  ${tell} ended with exit code 3: no network`,
        "webhook  FAILED  The config's alerts.webhook.secret needs the environment variable HOOK_SECRET, which is not set.",
        '',
      ].join('\n'),
    ]);
  });

  it('says how to add a way where there is none, and writes nothing', async () => {
    const { code, stdout } = await runCli(home, ['alerts', 'test']);
    expect([code, stdout]).toEqual([
      0,
      'Alerts only go to the log and to: moltbot alerts list. Add a notice on the desktop: moltbot config set alerts.desktop true\n',
    ]);
    expect(existsSync(home.stateDir)).toBe(false);
  });
});

describe('moltbot alerts list', () => {
  it('lists what people were told, newest first', async () => {
    mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    const store = new AlertStore(database);
    const { kind, subject, text, detail, atMs } = MESSAGE;
    store.add(MESSAGE);
    store.add({
      id: 'alt_2',
      kind: 'disk.low',
      atMs: atMs + 1000,
      subject: 'disk',
      text: 'Only 12 MB\u001b[2J are left.',
      detail: {},
    });
    database.close();
    expect((await runCli(home, ['alerts', 'list'])).stdout).toBe(
      [
        'AT                       KIND              ALERT',
        '2026-11-20 15:40:01 UTC  disk.low          Only 12 MB\\u{1b}[2J are left.',
        `2026-11-20 15:40:00 UTC  budget.threshold  ${text}`,
        '',
      ].join('\n'),
    );
    const json = await runCli(home, ['alerts', 'list', '--json']);
    expect(JSON.parse(json.stdout).items[1]).toEqual({ id: MESSAGE.id, at: atMs, kind, subject, text, detail });
    const one = await runCli(home, ['alerts', 'list', '-n', '1', '--json']);
    expect(JSON.parse(one.stdout).items.map(({ id }: { id: string }) => id)).toEqual(['alt_2']);
  });

  it('says how to try it where there is nothing, and creates nothing', async () => {
    const { code, stdout } = await runCli(home, ['alerts', 'list']);
    expect([code, stdout]).toEqual([0, 'Nobody was told of anything yet. Try it: moltbot alerts test\n']);
    expect(existsSync(home.stateDir)).toBe(false);
  });
});
