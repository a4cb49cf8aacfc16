import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Decrypter, Encrypter } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { FileIdentity } from '../../src/vault/age-identity.ts';
import { FileVault } from '../../src/vault/file.ts';

const KEY = { agentId: 'main', profileId: 'anthropic:default' };
const ITEM = { secret: new Secret('sk-sim-canary-0123456789'), origin: 'https://api.example.com' };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-vault-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const vaultPath = () => join(directory, 'vault.age');
const keyPath = () => join(directory, 'config', 'vault.key');
const keyFileVault = () => new FileVault({ path: vaultPath(), identity: { kind: 'key file', path: keyPath() } });

function passphraseVault(passphrase: string | undefined, logN = 10): FileVault {
  const identity: FileIdentity = {
    kind: 'passphrase',
    path: join(directory, 'vault.key.age'),
    atHand: passphrase !== undefined,
    passphrase: async () => (passphrase === undefined ? undefined : new Secret(passphrase)),
    logN,
  };
  return new FileVault({ path: vaultPath(), identity });
}

describe('a file vault with a key file', () => {
  beforeEach(() => keyFileVault().set(KEY, ITEM));

  it('has the key file and itself with mode 0600, the new directory with 0700, and no secret in plain text', () => {
    expect([vaultPath(), keyPath(), join(directory, 'config')].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o600, 0o600, 0o700,
    ]);
    expect(readFileSync(vaultPath()).includes('canary')).toBe(false);
  });

  it('finds one flipped byte anywhere, refuses to write over it, and leaves the file as it is', async () => {
    const whole = readFileSync(vaultPath());
    const codes = new Set<unknown>();
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1;
      writeFileSync(vaultPath(), flipped);
      codes.add(await codeOf(keyFileVault().get(KEY)));
      if (at % 50 === 0) {
        codes.add(await codeOf(keyFileVault().set(KEY, ITEM)));
        expect(readFileSync(vaultPath())).toEqual(flipped);
      }
    }
    expect(codes).toEqual(new Set(['VAULT_DAMAGED']));
  }, 30_000);

  it.each([
    ['empty', 0],
    ['cut short', 100],
  ])('says damaged when the file is %s', async (_, length) => {
    writeFileSync(vaultPath(), readFileSync(vaultPath()).subarray(0, length));
    expect(await failureOf(keyFileVault().get(KEY))).toEqual({
      code: 'VAULT_DAMAGED',
      message: `The vault ${vaultPath()} is damaged and was left as it is.`,
      hint: `Bring it back from a backup, or move it away (mv ${vaultPath()} ${vaultPath()}.damaged) and enter the credentials again.`,
    });
    expect((await keyFileVault().condition()).condition).toBe('damaged');
  });

  it('is locked when its key file is gone, names it, and makes no other one', async () => {
    renameSync(keyPath(), `${keyPath()}.away`);
    expect(await failureOf(keyFileVault().get(KEY))).toEqual({
      code: 'VAULT_LOCKED',
      message: `The vault ${vaultPath()} cannot be opened: ${keyPath()} is missing.`,
      hint: `Bring ${keyPath()} back, or set MOLTBOT_VAULT_KEY_FILE to where it is.`,
    });
    expect(await codeOf(keyFileVault().set(KEY, ITEM))).toBe('VAULT_LOCKED');
    expect((await keyFileVault().condition()).condition).toBe('locked');
    expect(existsSync(keyPath())).toBe(false);
    renameSync(`${keyPath()}.away`, keyPath());
    expect((await keyFileVault().get(KEY))?.secret.reveal()).toBe(ITEM.secret.reveal());
  });

  it('is locked, not damaged, when the key file is another one', async () => {
    const whole = readFileSync(vaultPath());
    rmSync(vaultPath());
    rmSync(keyPath());
    await keyFileVault().set(KEY, ITEM);
    writeFileSync(vaultPath(), whole);
    expect([await codeOf(keyFileVault().get(KEY)), await codeOf(keyFileVault().set(KEY, ITEM))]).toEqual([
      'VAULT_LOCKED',
      'VAULT_LOCKED',
    ]);
    expect(await failureOf(keyFileVault().get(KEY))).toEqual({
      code: 'VAULT_LOCKED',
      message: `The vault ${vaultPath()} was sealed for another key than ${keyPath()}.`,
      hint: `Bring the key file it was made with back to ${keyPath()}.`,
    });
    expect(readFileSync(vaultPath())).toEqual(whole);
  });

  it('refuses files that others can read, with the command that closes them', async () => {
    for (const path of [keyPath(), vaultPath()]) {
      chmodSync(path, 0o644);
      expect(await failureOf(keyFileVault().get(KEY))).toEqual({
        code: 'NOT_PERMITTED',
        message: `${path} can be read by others (mode 0644).`,
        hint: `Close it: chmod 600 ${path}`,
      });
      chmodSync(path, 0o600);
    }
  });

  it('refuses a symbolic link in its place', async () => {
    renameSync(vaultPath(), join(directory, 'moved.age'));
    symlinkSync(join(directory, 'moved.age'), vaultPath());
    expect([await codeOf(keyFileVault().get(KEY)), await codeOf(keyFileVault().set(KEY, ITEM))]).toEqual([
      'NOT_PERMITTED',
      'NOT_PERMITTED',
    ]);
  });

  it('says that the vault is gone when its file vanishes while it is open', async () => {
    const vault = keyFileVault();
    await vault.get(KEY);
    rmSync(vaultPath());
    expect(await codeOf(vault.get(KEY))).toBe('VAULT_UNAVAILABLE');
    expect((await vault.condition()).condition).toBe('unavailable');
  });

  it('can be read with the age tool', ({ skip }) => {
    if (!hasAge()) {
      console.warn('SKIPPED: reading vault.age with the age tool. Install it with: sudo apt-get install -y age');
      skip();
    }
    expect(ageOpens(keyPath())).toEqual(CONTENT);
  });
});

describe('a file vault with a passphrase', () => {
  beforeEach(() => passphraseVault('correct horse').set(KEY, ITEM));

  it('is locked for another passphrase and for none, and says which of the two', async () => {
    const path = join(directory, 'vault.key.age');
    expect([
      await failureOf(passphraseVault('wrong').get(KEY)),
      await failureOf(passphraseVault(undefined).get(KEY)),
    ]).toEqual([
      {
        code: 'VAULT_LOCKED',
        message: `The passphrase does not open ${path}.`,
        hint: 'Try again with the passphrase the vault was made with (MOLTBOT_VAULT_PASSPHRASE_FILE, or type it).',
      },
      {
        code: 'VAULT_LOCKED',
        message: `The vault needs its passphrase: ${path} is sealed with one.`,
        hint: 'Run the command in a terminal, or put the passphrase into a file (0600) and set MOLTBOT_VAULT_PASSPHRASE_FILE to it.',
      },
    ]);
    expect(await passphraseVault(undefined).condition()).toEqual({
      condition: 'locked',
      detail: `${vaultPath()} needs its passphrase`,
      hint: 'Run the command in a terminal, or set MOLTBOT_VAULT_PASSPHRASE_FILE to a file (0600) that holds it.',
    });
  });

  it('asks for the passphrase once and holds what it opened', async () => {
    let asked = 0;
    const vault = new FileVault({
      path: vaultPath(),
      identity: {
        kind: 'passphrase',
        path: join(directory, 'vault.key.age'),
        atHand: false,
        passphrase: async () => {
          asked++;
          return new Secret('correct horse');
        },
      },
    });
    await Promise.all([vault.get(KEY), vault.get(KEY), vault.has(KEY)]);
    await vault.set({ ...KEY, profileId: 'anthropic:second' }, ITEM);
    expect([(await vault.keys()).length, asked]).toEqual([2, 1]);
  });

  it('is sealed in the age format: its key opens with any age implementation and the passphrase', async () => {
    const decrypter = new Decrypter();
    decrypter.addPassphrase('correct horse');
    const identity = await decrypter.decrypt(readFileSync(join(directory, 'vault.key.age')), 'text');
    const opened = new Decrypter();
    opened.addIdentity(identity.split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-1'))!);
    expect(JSON.parse(await opened.decrypt(readFileSync(vaultPath()), 'text'))).toEqual(CONTENT);
  });

  it('opens a key that another age implementation has sealed', async () => {
    const encrypter = new Encrypter();
    encrypter.setPassphrase('new words');
    encrypter.setScryptWorkFactor(10);
    const decrypter = new Decrypter();
    decrypter.addPassphrase('correct horse');
    const path = join(directory, 'vault.key.age');
    writeFileSync(path, await encrypter.encrypt(await decrypter.decrypt(readFileSync(path), 'text')));
    expect((await passphraseVault('new words').get(KEY))?.secret.reveal()).toBe(ITEM.secret.reveal());
  });

  it('does not stop the event loop while the passphrase is stretched', async () => {
    rmSync(directory, { recursive: true });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const startedMs = performance.now();
    await passphraseVault('correct horse', 17).set(KEY, ITEM);
    delay.disable();
    const tookMs = performance.now() - startedMs;
    expect(delay.max / 1e6).toBeLessThan(tookMs / 2);
    expect(tookMs).toBeGreaterThan(100);
  });
});

describe('a new file vault', () => {
  it('uses a key file that is already there and makes no other one', async () => {
    await keyFileVault().set(KEY, ITEM);
    const key = readFileSync(keyPath());
    rmSync(vaultPath());
    await keyFileVault().set(KEY, ITEM);
    expect(readFileSync(keyPath())).toEqual(key);
  });

  it('makes nothing until something is stored', async () => {
    const vault = keyFileVault();
    expect([await vault.get(KEY), await vault.keys(), await vault.delete(KEY)]).toEqual([undefined, [], false]);
    expect([existsSync(vaultPath()), existsSync(keyPath())]).toEqual([false, false]);
  });
});

const CONTENT = {
  version: 1,
  items: { 'main/anthropic:default': { secret: ITEM.secret.reveal(), origin: ITEM.origin } },
};

function hasAge(): boolean {
  try {
    execFileSync('age', ['--version']);
    return true;
  } catch {
    return false; // not installed
  }
}

function ageOpens(keyFile: string): unknown {
  return JSON.parse(execFileSync('age', ['-d', '-i', keyFile, vaultPath()], { encoding: 'utf8' }));
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { code, message, hint } = error as Record<string, unknown>;
  return { code, message, hint };
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return ((await failureOf(work)) as { code: unknown }).code;
}
