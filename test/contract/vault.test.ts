import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/core/secret.ts';
import type { FileIdentity } from '../../src/vault/age-identity.ts';
import { FileVault } from '../../src/vault/file.ts';
import { MemoryVault } from '../../src/vault/memory.ts';
import { type VaultUnderTest, vaultContract } from './vault-contract.ts';

vaultContract('memory', async () => {
  const vault = new MemoryVault();
  return { vault, reopen: () => vault, end: async () => {} };
});

vaultContract('a file with a key file', async () =>
  fileVault((directory) => ({ kind: 'key file', path: join(directory, 'elsewhere', 'vault.key') })),
);

vaultContract('a file with a passphrase', async () =>
  fileVault((directory) => ({
    kind: 'passphrase',
    path: join(directory, 'vault.key.age'),
    atHand: true,
    passphrase: async () => new Secret('correct horse'),
    logN: 10,
  })),
);

function fileVault(identityIn: (directory: string) => FileIdentity): VaultUnderTest {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-vault-'));
  const open = () => new FileVault({ path: join(directory, 'vault.age'), identity: identityIn(directory) });
  return { vault: open(), reopen: open, end: async () => rmSync(directory, { recursive: true }) };
}
