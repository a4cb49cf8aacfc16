import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertPrivateFile, ensurePrivateDirectory, resolvePaths } from '../../src/config/paths.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'moltbot-paths-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('resolvePaths', () => {
  it('keeps everything in ~/.moltbot, and the vault key outside of it', () => {
    expect(resolvePaths({}, '/home/me')).toEqual({
      stateDir: '/home/me/.moltbot',
      configFile: '/home/me/.moltbot/moltbot.json',
      databaseFile: '/home/me/.moltbot/state.sqlite',
      gatewayFile: '/home/me/.moltbot/gateway.json',
      gatewayLockFile: '/home/me/.moltbot/gateway.lock',
      logFile: '/home/me/.moltbot/gateway.log',
      managementSocket: '/home/me/.moltbot/management.sock',
      vaultFile: '/home/me/.moltbot/vault.age',
      vaultKeyFile: '/home/me/.config/moltbot/vault.key',
      versionsDir: '/home/me/.moltbot/config-versions',
      catalogFile: '/home/me/.moltbot/catalog.json',
    });
  });

  it('follows MOLTBOT_HOME, MOLTBOT_CONFIG and MOLTBOT_VAULT_KEY_FILE', () => {
    const env = { MOLTBOT_HOME: '/srv/m', MOLTBOT_CONFIG: '/etc/m.json5', MOLTBOT_VAULT_KEY_FILE: '/etc/m.key' };
    expect(resolvePaths(env, '/home/me')).toMatchObject({
      databaseFile: '/srv/m/state.sqlite',
      configFile: '/etc/m.json5',
      vaultKeyFile: '/etc/m.key',
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(resolvePaths({ MOLTBOT_HOME: '', MOLTBOT_CONFIG: '' }, '/home/me')).toEqual(resolvePaths({}, '/home/me'));
  });

  it.each(['MOLTBOT_HOME', 'MOLTBOT_CONFIG', 'MOLTBOT_VAULT_KEY_FILE'])(
    'refuses a relative %s, which would mean the working directory',
    (name) => {
      expect(() => resolvePaths({ [name]: 'here/it' }, '/home/me')).toThrow(
        expect.objectContaining({ code: 'UNSAFE_ENVIRONMENT', message: `${name} is not an absolute path.` }),
      );
    },
  );
});

describe('ensurePrivateDirectory', () => {
  it('makes a directory and its parents for the owner only, also under umask 000', () => {
    const before = process.umask(0);
    try {
      ensurePrivateDirectory(join(home, 'a', 'b'));
    } finally {
      process.umask(before);
    }
    expect([modeOf(join(home, 'a')), modeOf(join(home, 'a', 'b'))]).toEqual([0o700, 0o700]);
  });

  it('closes a directory that somebody left open', () => {
    mkdirSync(join(home, 'loose'));
    chmodSync(join(home, 'loose'), 0o777);
    ensurePrivateDirectory(join(home, 'loose'));
    expect(modeOf(join(home, 'loose'))).toBe(0o700);
  });

  it('refuses a link in its place and leaves what it points to alone', () => {
    mkdirSync(join(home, 'real'));
    chmodSync(join(home, 'real'), 0o755);
    symlinkSync(join(home, 'real'), join(home, 'link'));
    expect(() => ensurePrivateDirectory(join(home, 'link'))).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED', exitCode: 77 }),
    );
    expect(modeOf(join(home, 'real'))).toBe(0o755);
  });

  it('refuses a link that points nowhere and a file in its place', () => {
    symlinkSync(join(home, 'nowhere'), join(home, 'dangling'));
    writeFileSync(join(home, 'file'), '');
    for (const name of ['dangling', 'file']) {
      expect(() => ensurePrivateDirectory(join(home, name))).toThrow(
        expect.objectContaining({ code: 'NOT_PERMITTED' }),
      );
    }
    expect(lstatSync(join(home, 'file')).isFile()).toBe(true);
  });

  it('refuses a directory of another user', () => {
    const theirs = join(home, 'theirs');
    mkdirSync(theirs);
    // Only root can give a directory away; for everybody else the root directory is somebody else's.
    if (process.getuid?.() === 0) chownSync(theirs, 65_534, 65_534);
    expect(() => ensurePrivateDirectory(process.getuid?.() === 0 ? theirs : '/')).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    );
  });
});

describe('assertPrivateFile', () => {
  it('tells whether there is a file', () => {
    writeFileSync(join(home, 'mine'), '', { mode: 0o600 });
    expect([assertPrivateFile(join(home, 'mine')), assertPrivateFile(join(home, 'none'))]).toEqual([true, false]);
  });

  it('refuses a file that others can read, with the command that mends it', () => {
    const path = join(home, 'open');
    writeFileSync(path, '');
    chmodSync(path, 0o640);
    expect(() => assertPrivateFile(path)).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED', exitCode: 77, hint: `Make it private: chmod 600 ${path}` }),
    );
  });

  it('follows a link and judges the file behind it', () => {
    writeFileSync(join(home, 'real'), '');
    chmodSync(join(home, 'real'), 0o644);
    symlinkSync(join(home, 'real'), join(home, 'link'));
    expect(() => assertPrivateFile(join(home, 'link'))).toThrow(expect.objectContaining({ code: 'NOT_PERMITTED' }));
    chmodSync(join(home, 'real'), 0o600);
    expect(assertPrivateFile(join(home, 'link'))).toBe(true);
  });
});
