import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diffLines } from '../../src/config/diff-lines.ts';
import { type EditPlace, editConfig, rewriteConfig } from '../../src/config/edit.ts';
import { digestOf } from '../../src/config/load.ts';
import { forgetVersionsWith, listVersions, readVersion } from '../../src/config/versions.ts';
import { holdProcessLock } from '../../src/core/process-lock.ts';
import { longConfig } from './long-config.ts';

let directory: string;
let place: EditPlace;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-edit-'));
  const stateDir = join(directory, 'state');
  place = { stateDir, configFile: join(stateDir, 'moltbot.json'), versionsDir: join(stateDir, 'config-versions') };
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const text = () => readFileSync(place.configFile, 'utf8');
const port = (value: unknown) => [{ path: ['gateway', 'port'], value }];

function write(content: string): void {
  mkdirSync(place.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(place.configFile, content, { mode: 0o600 });
}

/** The lines that an action took out of the file and put into it. */
function changedLines(action: () => void): string[] {
  const before = text();
  action();
  return diffLines(before, text()).flatMap(({ sign, text: line }) => (sign === ' ' ? [] : [`${sign}${line}`]));
}

describe('editConfig', () => {
  it('creates the file and its directories for the owner only, also under umask 000', () => {
    const before = process.umask(0);
    try {
      expect(editConfig(place, port(8410))).toMatchObject({
        changed: true,
        loaded: { raw: { gateway: { port: 8410 } } },
      });
    } finally {
      process.umask(before);
    }
    expect(text()).toBe('{\n  gateway: { port: 8410 },\n}\n');
    const modes = [place.stateDir, place.versionsDir, place.configFile].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('changes one line of a 200-line file full of comments', () => {
    write(longConfig());
    expect(longConfig().split('\n').length).toBeGreaterThanOrEqual(200);
    expect(changedLines(() => editConfig(place, port(9000)))).toEqual([
      '-    port: 8400, // the usual one',
      '+    port: 9000, // the usual one',
    ]);
    const ttl = ['agents', 'defaults', 'models', 'anthropic/claude-opus-4-5', 'params', 'cacheControlTtl'];
    expect(changedLines(() => editConfig(place, [{ path: ttl, value: '5m' }]))).toEqual([
      `-        'anthropic/claude-opus-4-5': { alias: 'opus', params: { cacheControlTtl: "1h" } }, // the big one`,
      `+        'anthropic/claude-opus-4-5': { alias: 'opus', params: { cacheControlTtl: "5m" } }, // the big one`,
    ]);
    expect(changedLines(() => editConfig(place, [{ path: ['log', 'level'], value: undefined }]))).toEqual([
      '-  log: { level: "info" },',
      '+  log: { },',
    ]);
  });

  it('creates no file only to remove something from it', () => {
    expect(editConfig(place, port(undefined)).changed).toBe(false);
    expect(existsSync(place.configFile)).toBe(false);
  });

  it('writes nothing when the file says so already', () => {
    write('{ gateway: { port: 0x20 } }');
    const { mtimeNs } = statSync(place.configFile, { bigint: true });
    expect(editConfig(place, port(32)).changed).toBe(false);
    expect(statSync(place.configFile, { bigint: true }).mtimeNs).toBe(mtimeNs);
    expect(listVersions(place.versionsDir)).toEqual([]);
  });

  it.each([
    ['an unknown key', [{ path: ['gateway', 'prot'], value: 1 }], 'gateway.prot: unknown key.'],
    ['a wrong value', port('x'), 'gateway.port: expected a number.'],
    [
      'a model that is nowhere',
      [{ path: ['agents', 'defaults', 'model', 'primary'], value: 'nope' }],
      'agents.defaults.model.primary: expected provider/model or an alias.',
    ],
  ])('refuses %s as a usage error and writes nothing', (_, edits, message) => {
    write('{ gateway: { port: 1 } } // mine');
    expect(() => editConfig(place, edits)).toThrow(expect.objectContaining({ code: 'USAGE', message }));
    expect(text()).toBe('{ gateway: { port: 1 } } // mine');
    expect(listVersions(place.versionsDir)).toEqual([]);
  });

  it('refuses to touch a broken file and names the line', () => {
    write('{\n  gateway: {,\n}');
    expect(() => editConfig(place, port(1))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('moltbot.json:2:13:') }),
    );
    expect(text()).toBe('{\n  gateway: {,\n}');
  });

  it("never writes into another product's file", () => {
    write('{ channels: {} }');
    expect(() => editConfig(place, port(1))).toThrow(expect.objectContaining({ code: 'CONFIG_FOREIGN' }));
    expect(() => rewriteConfig(place, () => '{}', { evenIfInvalid: true })).toThrow(
      expect.objectContaining({ code: 'CONFIG_FOREIGN' }),
    );
    expect(text()).toBe('{ channels: {} }');
  });

  it('refuses when the file is not what the caller decided on', () => {
    write('{ gateway: { port: 1 } }');
    const expectedDigest = digestOf(text());
    write('{ gateway: { port: 2 } }');
    expect(() => editConfig(place, port(3), { expectedDigest })).toThrow(
      expect.objectContaining({ code: 'CONFIG_CHANGED', exitCode: 78 }),
    );
    expect(text()).toBe('{ gateway: { port: 2 } }');
  });

  it('refuses when an editor saves while the change is being made', () => {
    write('{ gateway: { port: 1 } }');
    const change = () => {
      write('{ gateway: { port: 2 } }');
      return '{ gateway: { port: 3 } }';
    };
    expect(() => rewriteConfig(place, change)).toThrow(expect.objectContaining({ code: 'CONFIG_CHANGED' }));
    expect(text()).toBe('{ gateway: { port: 2 } }');
    expect(readdirSync(place.stateDir).toSorted()).toEqual(['config-versions', 'moltbot.json']);
    expect(listVersions(place.versionsDir)).toEqual([]);
  });

  it('waits for another writer, and gives up with a sentence', () => {
    write('{}');
    mkdirSync(place.versionsDir, { mode: 0o700 });
    const lock = holdProcessLock(join(place.versionsDir, 'lock'))!;
    expect(() => editConfig(place, port(1))).toThrow(expect.objectContaining({ code: 'CONFIG_CHANGED' }));
    lock.release();
    expect(editConfig(place, port(1)).changed).toBe(true);
  });

  it('writes through a link, and leaves the link', () => {
    write('{}');
    const real = join(directory, 'dotfiles.json5');
    writeFileSync(real, '{ /* mine */ }', { mode: 0o600 });
    rmSync(place.configFile);
    symlinkSync('../dotfiles.json5', place.configFile);
    editConfig(place, port(1));
    expect(lstatSync(place.configFile).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toBe('{ /* mine */\n  gateway: { port: 1 },\n}');
  });

  it('creates the file that a link without a target names', () => {
    mkdirSync(place.stateDir, { mode: 0o700 });
    symlinkSync(join(directory, 'later.json5'), place.configFile);
    editConfig(place, port(1));
    expect(existsSync(join(directory, 'later.json5'))).toBe(true);
    expect(lstatSync(place.configFile).isSymbolicLink()).toBe(true);
  });

  it('refuses a file that others can read, before and not after writing to it', () => {
    write('{}');
    chmodSync(place.configFile, 0o666);
    expect(() => editConfig(place, port(1))).toThrow(expect.objectContaining({ code: 'NOT_PERMITTED' }));
    expect(text()).toBe('{}');
  });
});

describe('kept versions', () => {
  it('are the last five, newest first, for the owner only', () => {
    for (let step = 1; step <= 8; step++) editConfig(place, port(step), { nowMs: 1_000 + step });
    const versions = listVersions(place.versionsDir);
    expect(versions.map(({ number, untilMs }) => [number, untilMs])).toEqual([
      [1, 1_008],
      [2, 1_007],
      [3, 1_006],
      [4, 1_005],
      [5, 1_004],
    ]);
    expect(readVersion(place.versionsDir, 1)).toBe('{\n  gateway: { port: 7 },\n}\n');
    expect(versions.map(({ path }) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600, 0o600]);
  });

  it('keep their order when the clock stands still or goes back', () => {
    for (const [step, nowMs] of [5_000, 5_000, 1_000, 1_000].entries()) editConfig(place, port(step + 1), { nowMs });
    expect(listVersions(place.versionsDir).map(({ number }) => readVersion(place.versionsDir, number))).toEqual([
      '{\n  gateway: { port: 3 },\n}\n',
      '{\n  gateway: { port: 2 },\n}\n',
      '{\n  gateway: { port: 1 },\n}\n',
    ]);
  });

  it('can be put back, also in the place of a broken file', () => {
    editConfig(place, port(1));
    editConfig(place, port(2));
    write('{ broken');
    rewriteConfig(place, () => readVersion(place.versionsDir, 1), { evenIfInvalid: true });
    expect(text()).toBe('{\n  gateway: { port: 1 },\n}\n');
    expect(readVersion(place.versionsDir, 1)).toBe('{ broken');
  });

  it('that hold a secret are forgotten when asked', () => {
    editConfig(place, port(1));
    editConfig(place, [{ path: ['env', 'A'], value: 'canary' }]);
    editConfig(place, [{ path: ['env'], value: undefined }]);
    expect(forgetVersionsWith(place.versionsDir, 'canary')).toBe(1);
    expect(listVersions(place.versionsDir)).toHaveLength(1);
  });

  it('are none before the first change, and asking for one is a usage error', () => {
    expect(listVersions(place.versionsDir)).toEqual([]);
    expect(() => readVersion(place.versionsDir, 1)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
