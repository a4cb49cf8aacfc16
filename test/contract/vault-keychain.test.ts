import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { KeychainVault } from '../../src/vault/keychain.ts';
import { KeyringSession, keyringInstallCommand } from '../fakes/keyring-session.ts';
import { setEnvironment } from '../fakes/set-environment.ts';
import { vaultContract } from './vault-contract.ts';

const install = keyringInstallCommand();
if (install) console.warn(`SKIPPED: the keychain's contract needs a keyring. Install it with: ${install}`);

describe.skipIf(install)('the keychain, a real one', () => {
  let session: KeyringSession;
  let restore: () => void;
  beforeAll(async () => {
    session = await KeyringSession.start();
    restore = setEnvironment(session.env);
  });
  afterAll(async () => {
    restore?.();
    await session?.stop();
  });

  vaultContract('the keychain', async () => {
    const open = () => new KeychainVault({ lockPath: join(session.home, 'keychain.lock') });
    return { vault: open(), reopen: open, end: () => empty(open()) };
  });
});

async function empty(vault: KeychainVault): Promise<void> {
  for (const key of await vault.keys()) await vault.delete(key);
}
