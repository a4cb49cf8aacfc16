import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { FileIdentity } from './age-identity.ts';
import { FileVault } from './file.ts';
import { KeychainVault } from './keychain.ts';
import { readPrivateFile } from './private-file.ts';
import type { Vault } from './vault.ts';

export interface VaultPlace {
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Asks the person at the terminal for the file vault's passphrase; left out where nobody is there. */
  readonly askPassphrase?: (use: 'open' | 'create') => Promise<Secret | undefined>;
  /** A file vault that does not exist yet is made with a passphrase. */
  readonly newWithPassphrase?: boolean;
}

/** The vault of that kind. Nothing is read, asked or created before its first call. */
export function openVault(kind: 'keychain' | 'file', place: VaultPlace): Vault {
  return kind === 'keychain' ? openKeychain(place) : openFile(place);
}

/**
 * Which vault a new set-up gets: the keychain when an item can be stored, read and deleted, else the file. `why` says so
 * in a sentence. Only onboarding calls this; the choice is written into the config and nothing falls back later.
 */
export async function pickVault(place: VaultPlace): Promise<{ vault: Vault; why: string }> {
  const keychain = openKeychain(place);
  try {
    await keychain.tryOut();
    return { vault: keychain, why: 'The keychain of this system is open and keeps what is stored in it.' };
  } catch (error) {
    if (!isMoltbotError(error, 'VAULT_LOCKED') && !isMoltbotError(error, 'VAULT_UNAVAILABLE')) throw error;
    return { vault: openFile(place), why: `Credentials go into an encrypted file. ${error.message}` };
  }
}

/** What opens the file vault of that place: for `doctor`, `gateway install` and messages. */
export function fileIdentityOf(place: VaultPlace): FileIdentity {
  const sealedKey = join(place.stateDir, 'vault.key.age');
  const isNew = !existsSync(vaultFile(place));
  const passphraseFile = place.env.MOLTBOT_VAULT_PASSPHRASE_FILE;
  const wanted = isNew && (place.newWithPassphrase === true || passphraseFile !== undefined);
  if (!wanted && !existsSync(sealedKey)) return { kind: 'key file', path: keyFileOf(place.env) };
  return {
    kind: 'passphrase',
    path: sealedKey,
    atHand: passphraseFile !== undefined,
    passphrase: async (use) => (passphraseFile ? readPassphrase(passphraseFile) : place.askPassphrase?.(use)),
  };
}

function openKeychain({ stateDir, env, clock }: VaultPlace): KeychainVault {
  return new KeychainVault({ lockPath: join(stateDir, 'keychain.lock'), env, ...(clock && { clock }) });
}

function openFile(place: VaultPlace): FileVault {
  return new FileVault({ path: vaultFile(place), identity: fileIdentityOf(place) });
}

function vaultFile({ stateDir }: VaultPlace): string {
  return join(stateDir, 'vault.age');
}

/** Outside the state directory, so that a copy of that directory opens nothing. */
function keyFileOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.MOLTBOT_VAULT_KEY_FILE || join(env.HOME || homedir(), '.config', 'moltbot', 'vault.key');
}

async function readPassphrase(path: string): Promise<Secret> {
  const file = await readPrivateFile(path, { followLinks: true });
  // Editors and `echo` end a file with a line break that nobody means.
  const text = file?.bytes.toString('utf8').replace(/\r?\n$/, '');
  if (text) return new Secret(text);
  throw new MoltbotError(
    'VAULT_LOCKED',
    `MOLTBOT_VAULT_PASSPHRASE_FILE names ${path}, which is ${file ? 'empty' : 'missing'}.`,
    {
      hint: `Put the passphrase of the vault into ${path} (mode 0600).`,
    },
  );
}
