import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { type ConfigChange, type ConfigWatcher, watchConfig } from '../../src/config/watch.ts';
import type { MoltbotError } from '../../src/core/errors.ts';

let directory: string;
let path: string;
let changes: ConfigChange[];
let errors: MoltbotError[];
let watcher: ConfigWatcher | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-watch-'));
  path = join(directory, 'moltbot.json');
  changes = [];
  errors = [];
});
afterEach(() => {
  watcher?.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}

function watch(): void {
  watcher = watchConfig(
    loadConfig(path, {}),
    {},
    (change) => changes.push(change),
    (error) => errors.push(error),
  );
}

/** Waits for what should be there within a second, and fails when it is not. */
async function within(ms: number, isThere: () => boolean): Promise<void> {
  const deadline = performance.now() + ms;
  while (!isThere() && performance.now() < deadline) await sleep(20);
  expect(isThere()).toBe(true);
}

describe('watchConfig', () => {
  it('takes a valid change over within a second and names its keys', async () => {
    write('{ gateway: { port: 1 } }');
    watch();
    await sleep(50);
    write('{ gateway: { port: 1 }, auth: { maxWaitMs: 5 } }');
    await within(1_000, () => changes.length === 1);
    expect(changes[0]).toMatchObject({
      changed: ['auth.maxWaitMs'],
      needsRestart: [],
      config: { auth: { maxWaitMs: 5 } },
    });
  });

  it('says what needs a restart, and goes on with the old value of it', async () => {
    write('{ gateway: { port: 1 } }');
    watch();
    write('{ gateway: { port: 2 }, log: { level: "warn" } }');
    await within(1_000, () => changes.length === 1);
    expect(changes[0]).toMatchObject({
      changed: ['gateway.port', 'log.level'],
      needsRestart: ['gateway.port'],
      config: { gateway: { port: 1 }, log: { level: 'warn' } },
      loaded: { config: { gateway: { port: 2 } } },
    });
  });

  it('ignores an invalid text aloud, once, and takes the next valid one over', async () => {
    write('{}');
    watch();
    write('{ log: { level: "loud" } }');
    await within(1_000, () => errors.length === 1);
    await sleep(600);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['CONFIG_INVALID', `${path}:1:17: log.level: expected "error" or "warn" or "info" or "debug".`],
    ]);
    write('{ log: { level: "warn" } }');
    await within(1_000, () => changes.length === 1);
    expect(changes[0]!.changed).toEqual(['log.level']);
  });

  it('survives being renamed over, removed and made again', async () => {
    write('{ log: { level: "info" } }');
    watch();
    writeFileSync(`${path}.new`, '{ log: { level: "warn" } }', { mode: 0o600 });
    renameSync(`${path}.new`, path);
    await within(1_000, () => changes.length === 1);
    rmSync(path);
    await within(1_000, () => errors.length === 1);
    expect(errors[0]!.message).toBe(`${path} is gone; the gateway goes on with what it had.`);
    write('{ log: { level: "error" } }');
    await within(1_000, () => changes.length === 2);
    expect(changes.map(({ config }) => config.log.level)).toEqual(['warn', 'error']);
  });

  it('notices a file that was not there at the start', async () => {
    watch();
    write('{ log: { level: "warn" } }');
    await within(1_000, () => changes.length === 1);
  });

  it('says nothing when a text changes in its comments only', async () => {
    write('{ log: { level: "warn" } }');
    watch();
    write('{ log: { level: "warn" } } // why');
    await sleep(800);
    expect([changes, errors]).toEqual([[], []]);
  });
});
