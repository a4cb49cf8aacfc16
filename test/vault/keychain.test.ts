import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AsyncEntry } from '@napi-rs/keyring';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { KeychainVault } from '../../src/vault/keychain.ts';
import { openVault, pickVault } from '../../src/vault/open.ts';
import { KeyringSession, keyringInstallCommand } from '../fakes/keyring-session.ts';
import { setEnvironment } from '../fakes/set-environment.ts';

const KEY = { agentId: 'main', profileId: 'anthropic:default' };
const ITEM = { secret: new Secret('sk-sim-keychain'), origin: 'https://api.example.com' };

const install = keyringInstallCommand();
if (install) console.warn(`SKIPPED: the keychain's failures need a keyring. Install it with: ${install}`);

describe.skipIf(install)('the keychain when something is wrong', () => {
  let session: KeyringSession;
  let restore: () => void;
  beforeAll(async () => {
    session = await KeyringSession.start();
    restore = setEnvironment(session.env);
  });
  beforeEach(async () => {
    await session.unlock();
    for (const key of await keychain().keys()) await keychain().delete(key);
  });
  afterAll(async () => {
    restore?.();
    await session?.stop();
  });

  const place = () => ({ stateDir: session.home, env: process.env });
  const keychain = () => openVault('keychain', place());

  it('is locked when the keyring is, for every call, and open again as soon as the keyring is', async () => {
    const vault = keychain();
    await vault.set(KEY, ITEM);
    await session.lock();
    const calls = [vault.get(KEY), vault.set(KEY, ITEM), vault.delete(KEY), vault.has(KEY), vault.keys()];
    expect(await Promise.all(calls.map(failureOf))).toEqual(
      calls.map(() => ({
        code: 'VAULT_LOCKED',
        message: 'The keychain is locked: the default keyring is locked.',
        hint: 'Unlock it (log in at the desktop, open the keyring app, or on macOS: security unlock-keychain), then run the command again.',
      })),
    );
    expect(await vault.condition()).toEqual({ condition: 'locked', detail: 'the default keyring is locked' });
    await session.unlock();
    expect((await vault.get(KEY))?.secret.reveal()).toBe('sk-sim-keychain');
  });

  it('answers the same entry after the keyring service was restarted', async () => {
    const vault = keychain();
    await vault.set(KEY, ITEM);
    await session.unlock();
    expect((await vault.get(KEY))?.secret.reveal()).toBe('sk-sim-keychain');
  });

  it('is unavailable when the bus dies in the middle, not empty', async () => {
    const vault = keychain();
    await vault.set(KEY, ITEM);
    await session.killBus();
    expect(await failureOf(vault.get(KEY))).toEqual({
      code: 'VAULT_UNAVAILABLE',
      message: 'The keychain cannot be used: there is no D-Bus session bus to reach a keyring through.',
      hint: 'Run it inside a desktop session with a keyring service, or keep credentials in the encrypted file: moltbot onboard --vault file',
    });
    expect((await vault.condition()).condition).toBe('unavailable');
    await session.restartBus();
    expect((await vault.get(KEY))?.secret.reveal()).toBe('sk-sim-keychain');
  });

  it('is unavailable within seconds when the keyring service does not answer, and usable when it does again', async () => {
    const vault = keychain();
    await vault.set(KEY, ITEM);
    session.freeze();
    const startedMs = performance.now();
    expect(await failureOf(vault.get(KEY))).toMatchObject({
      code: 'VAULT_UNAVAILABLE',
      message: 'The keychain cannot be used: no keyring service answers on the D-Bus session bus.',
    });
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    session.thaw();
    expect((await vault.get(KEY))?.secret.reveal()).toBe('sk-sim-keychain');
  }, 10_000);

  it('says that an item is damaged when somebody else wrote it', async () => {
    const entry = new AsyncEntry('moltbot', 'main/anthropic:default', { linux: { store: 'secret-service' } });
    await entry.setPassword('{"secret":"half');
    expect(await failureOf(keychain().get(KEY))).toEqual({
      code: 'VAULT_DAMAGED',
      message: 'The keychain item "main/anthropic:default" of moltbot is not one that moltbot wrote.',
      hint: 'Enter that credential again with: moltbot models auth add',
    });
  });

  it('stores in the Secret Service: a process of its own finds the item there by service and account', async () => {
    await keychain().set(KEY, ITEM);
    const script = `
      const { AsyncEntry } = require('@napi-rs/keyring');
      const options = { linux: { store: 'secret-service' } };
      Promise.all(['main/anthropic:default', 'index'].map((account) => new AsyncEntry('moltbot', account, options).getPassword()))
        .then((values) => console.log(JSON.stringify(values.map((value) => JSON.parse(value)))));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: import.meta.dirname });
    expect(JSON.parse(stdout)).toEqual([
      { secret: 'sk-sim-keychain', origin: 'https://api.example.com' },
      ['main/anthropic:default'],
    ]);
  });

  it('is picked for a new set-up while it is open, and leaves nothing of the trial behind', async () => {
    const { vault, why } = await pickVault(place());
    expect([vault.kind, why, await vault.keys()]).toEqual([
      'keychain',
      'The keychain of this system is open and keeps what is stored in it.',
      [],
    ]);
  });

  it('gives way to the file for a new set-up while it is locked, and says why', async () => {
    await session.lock();
    const { vault, why } = await pickVault(place());
    expect([vault.kind, why]).toEqual([
      'file',
      'Credentials go into an encrypted file. The keychain is locked: the default keyring is locked.',
    ]);
  });
});

describe('the keychain without a bus', () => {
  it('is unavailable, and gives way to the file for a new set-up only', async () => {
    const restore = setEnvironment({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' });
    try {
      const place = { stateDir: '/nonexistent', env: process.env };
      const vault = new KeychainVault({ lockPath: join('/nonexistent', 'lock'), platform: 'linux' });
      expect(await failureOf(vault.get(KEY))).toMatchObject({ code: 'VAULT_UNAVAILABLE' });
      expect((await pickVault(place)).vault.kind).toBe('file');
    } finally {
      restore();
    }
  });
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { code, message, hint } = (error ?? {}) as Record<string, unknown>;
  return { code, message, hint };
}
