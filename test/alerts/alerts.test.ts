import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import type { AlertMessage } from '../../src/alerts/alert-message.ts';
import { Alerts, type AlertsParts } from '../../src/alerts/alerts.ts';
import { effectiveEnvironment } from '../../src/config/environment.ts';
import { configFromText } from '../../src/config/load.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import { findCanary } from '../fakes/canary.ts';
import { httpsReceiver } from '../fakes/https-receiver.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-alerts-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const ALERT: Alert = {
  kind: 'budget.used_up',
  atMs: 1_795_189_200_000,
  subject: 'budget main-daily',
  text: 'The budget "main-daily" is used up.',
  detail: { budget: 'main-daily', spentUsd: 5, amountUsd: 5 },
};

interface World {
  readonly alerts: Alerts;
  readonly kept: AlertMessage[];
  readonly clock: { nowMs: number };
  /** What was logged, without time and process. */
  log(): Record<string, unknown>[];
  logText(): string;
}

function alertsWith(
  settings: object,
  { env = {}, caFile, ...parts }: Partial<AlertsParts> & { caFile?: string } = {},
): World {
  const lines: string[] = [];
  const kept: AlertMessage[] = [];
  const clock = { nowMs: ALERT.atMs };
  const processEnv = { PATH: process.env.PATH, ...env };
  const { config } = configFromText('/moltbot.json', JSON.stringify({ alerts: settings }), processEnv);
  const alerts = new Alerts({
    config: config.alerts,
    env: effectiveEnvironment(config, processEnv),
    upstream: new Upstream({ connectMs: 2_000, caFile }),
    log: pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) }),
    now: () => clock.nowMs,
    host: 'build-host',
    gatewayUrl: () => 'http://127.0.0.1:8400',
    keep: (message) => void kept.push(message),
    pausesMs: [10, 10],
    ...parts,
  });
  return { alerts, kept, clock, log: () => lines.map((line) => JSON.parse(line)), logText: () => lines.join('') };
}

/** A command file with that shell text. */
function program(text: string): string {
  const file = join(directory, 'tell');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o700);
  return file;
}

describe('an alert', () => {
  it('is logged and kept where no way is configured', () => {
    const { alerts, kept, log } = alertsWith({});
    alerts.tell(ALERT);
    const id = kept[0]!.id;
    expect(id).toMatch(/^alt_[0-9a-f]{20}$/);
    expect(kept).toEqual([
      {
        schemaVersion: 1,
        id,
        ...ALERT,
        at: '2026-11-20T15:40:00.000Z',
        host: 'build-host',
        gatewayUrl: 'http://127.0.0.1:8400',
      },
    ]);
    const { kind, subject, text, detail } = ALERT;
    expect(log()).toEqual([{ level: 40, alert: id, kind, subject, detail, msg: text }]);
  });

  it('goes over every configured way, the same on each', async () => {
    await using receiver = await httpsReceiver(204);
    const settings = {
      command: [program(`cat > "${directory}/stdin"`)],
      webhook: { url: `${receiver.origin}/x`, secret: '${HOOK}', allowPrivateNetwork: true },
    };
    const { alerts, kept, log } = alertsWith(settings, { env: { HOOK: 'shared' }, caFile: receiver.caFile });
    alerts.tell(ALERT);
    await alerts.close();
    expect(JSON.parse(readFileSync(join(directory, 'stdin'), 'utf8'))).toEqual(kept[0]);
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toEqual(kept);
    const told = log().slice(1);
    expect(told.toSorted((a, b) => String(a.way).localeCompare(String(b.way)))).toEqual([
      { level: 30, alert: kept[0]!.id, way: 'command', msg: `told: ${directory}/tell ended with exit code 0` },
      { level: 30, alert: kept[0]!.id, way: 'webhook', msg: `told: ${receiver.origin} answered 204` },
    ]);
  });

  it('of one kind and subject is told once in a minute, also when the clock was set back', () => {
    const { alerts, kept, clock } = alertsWith({});
    for (let at = 0; at < 100; at++) alerts.tell(ALERT);
    alerts.tell({ ...ALERT, subject: 'budget other' });
    alerts.tell({ ...ALERT, kind: 'budget.open' });
    clock.nowMs += 59_999;
    alerts.tell(ALERT);
    expect(kept.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'budget.used_up budget main-daily',
      'budget.used_up budget other',
      'budget.open budget main-daily',
    ]);
    clock.nowMs += 1;
    alerts.tell(ALERT);
    clock.nowMs -= 3_600_000;
    alerts.tell(ALERT);
    expect(kept).toHaveLength(5);
  });

  it('that cannot be kept, or makes no sense, is no reason to fail', () => {
    const keep = () => {
      throw new Error('the text of somebody else');
    };
    const { alerts, log } = alertsWith({}, { keep });
    alerts.tell(ALERT);
    alerts.tell({ ...ALERT, kind: 'disk.low', atMs: Number.NaN });
    expect(log().map(({ level, kind, name, msg }) => [level, kind, name, msg])).toEqual([
      [40, 'budget.used_up', undefined, ALERT.text],
      [50, 'budget.used_up', 'Error', 'alert failed'],
      [50, 'disk.low', 'RangeError', 'alert failed'],
    ]);
  });

  it('is not sent unsigned: the variable that is missing is named, once', async () => {
    await using receiver = await httpsReceiver(204);
    const webhook = { url: receiver.origin, secret: '${NOT_SET}', allowPrivateNetwork: true };
    const { alerts, log } = alertsWith({ webhook }, { caFile: receiver.caFile });
    for (const subject of ['one', 'two', 'three']) alerts.tell({ ...ALERT, subject });
    await alerts.close();
    expect(receiver.received).toEqual([]);
    const [, , , ...notes] = log();
    expect(notes).toEqual([
      {
        level: 40,
        alert: expect.any(String),
        way: 'webhook',
        msg: "not told: The config's alerts.webhook.secret needs the environment variable NOT_SET, which is not set.",
      },
    ]);
  });

  it('says once that the desktop has no program for it', async () => {
    const { alerts, log } = alertsWith({ desktop: true }, { env: { PATH: directory } });
    for (const subject of ['one', 'two', 'three']) alerts.tell({ ...ALERT, subject });
    await alerts.close();
    expect(log().filter(({ way }) => way === 'desktop')).toHaveLength(1);
  });

  it('waits for those before it, two at a time; of a flood, what is too much is not sent', async () => {
    const file = program(
      `echo x > "${directory}/run.$$"; sleep 0.1; rm "${directory}/run.$$"; echo >> "${directory}/count"`,
    );
    const { alerts, log, kept } = alertsWith({ command: [file] });
    for (let at = 0; at < 60; at++) alerts.tell({ ...ALERT, subject: `budget ${at}` });
    expect(kept).toHaveLength(60);
    expect(log().filter(({ msg }) => msg === 'too many alerts wait; not sent')).toHaveLength(8);
    let most = 0;
    await vi.waitFor(
      () => {
        most = Math.max(most, readdirSync(directory).filter((name) => name.startsWith('run.')).length);
        expect(existsSync(join(directory, 'count')) && readFileSync(join(directory, 'count'), 'utf8').length).toBe(52);
      },
      { timeout: 20_000, interval: 5 },
    );
    expect(most).toBe(2);
    await alerts.close();
  }, 30_000);

  it('that hangs holds a closing gateway for two seconds; those behind it are given up, aloud', async () => {
    const file = program(`echo $$ >> "${directory}/pids"; sleep 300`);
    const { alerts, log, kept } = alertsWith({ command: [file] });
    for (const subject of ['one', 'two', 'three']) alerts.tell({ ...ALERT, subject });
    const closingAtMs = performance.now();
    await alerts.close();
    expect(Math.round((performance.now() - closingAtMs) / 1000)).toBe(2);
    expect(
      log()
        .slice(3)
        .map(({ msg }) => msg),
    ).toEqual([
      `not told: ${file} was killed, because the gateway ends`,
      `not told: ${file} was killed, because the gateway ends`,
      'alerts that were still waiting are not sent',
    ]);
    alerts.tell({ ...ALERT, subject: 'late' });
    expect([kept.length, readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n').length]).toEqual([4, 2]);
  });

  it('leads no secret of the gateway into log, command, desktop or webhook', async () => {
    await using receiver = await httpsReceiver(500, 302, 204);
    const canary = `sk-ant-sim-${'canary'.repeat(4)}`;
    const signing = `whsec-${'canary'.repeat(4)}`;
    const recorder = `tr '\\0' '\\n' < /proc/$$/environ >> "${directory}/seen"; cat >> "${directory}/seen"; printf '%s\\n' "$@" >> "${directory}/seen"; exit 1`;
    const notifier = join(directory, 'notify-send');
    writeFileSync(notifier, `#!/bin/sh\n${recorder}\n`, { mode: 0o700 });
    const settings = {
      desktop: true,
      command: [program(recorder), 'argument'],
      webhook: { url: '${HOOK_URL}', secret: '${HOOK_SECRET}', allowPrivateNetwork: true },
    };
    const env = {
      PATH: `${directory}:${process.env.PATH}`,
      HOME: directory,
      ANTHROPIC_API_KEY: canary,
      HOOK_URL: `${receiver.origin}/services/${canary}`,
      HOOK_SECRET: signing,
    };
    const { alerts, logText } = alertsWith(settings, { env, caFile: receiver.caFile });
    for (const subject of ['one', 'two', 'three']) alerts.tell({ ...ALERT, subject });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(4));
    await alerts.close();
    const sent = JSON.stringify(receiver.received.map(({ headers, body }) => ({ headers, body })));
    expect(receiver.received[0]!.url).toBe(`/services/${canary}`);
    const places = { texts: { log: logText(), sent, seen: readFileSync(join(directory, 'seen')) } };
    expect(places.texts.seen.toString().match(/^argument$/gm)).toHaveLength(3);
    expect([...findCanary(canary, places), ...findCanary(signing, places)]).toEqual([]);
  });
});
