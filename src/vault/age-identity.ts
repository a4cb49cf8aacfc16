import { MoltbotError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { isNoMatch } from './age-box.ts';
import { scryptIdentity, scryptRecipient } from './age-scrypt.ts';
import { loadAge } from './load-age.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/**
 * What opens a file vault: a key file that lies outside the state directory, or a passphrase. With a passphrase the same
 * kind of key lies beside the vault, itself sealed with the passphrase (an age "encrypted identity file"): scrypt's second
 * is then paid once when the vault is opened and not at every write.
 */
export type FileIdentity =
  | { readonly kind: 'key file'; readonly path: string }
  | {
      readonly kind: 'passphrase';
      readonly path: string;
      /** Asks the person, or reads the file they named; undefined: nobody is there to ask. */
      readonly passphrase: (use: 'open' | 'create') => Promise<Secret | undefined>;
      /** Whether `passphrase` answers without a person. */
      readonly atHand: boolean;
      /** scrypt's work factor as a power of two; 18 is age's own. */
      readonly logN?: number;
    };

const DEFAULT_LOG_N = 18;

/** The identity (`AGE-SECRET-KEY-1…`), or undefined when its file is not there. VAULT_LOCKED, VAULT_DAMAGED, NOT_PERMITTED. */
export async function loadIdentity(source: FileIdentity): Promise<Secret | undefined> {
  const file = await readPrivateFile(source.path, { followLinks: source.kind === 'key file' });
  if (!file) return undefined;
  const text = source.kind === 'key file' ? file.bytes.toString('utf8') : await unseal(source, file.bytes);
  const identity = text.split(/\r?\n/).find((line) => line.startsWith('AGE-SECRET-KEY-1'));
  if (identity && (await isIdentity(identity))) return new Secret(identity);
  throw new MoltbotError('VAULT_DAMAGED', `${source.path} holds no age identity.`, {
    hint: `Bring the right file back to ${source.path} from a backup; vault.age cannot be read without it.`,
  });
}

/** Makes a new identity and writes its file, 0600. The caller has made sure that there is no vault of an earlier one. */
export async function createIdentity(source: FileIdentity): Promise<Secret> {
  const { Encrypter, generateX25519Identity, identityToRecipient } = await loadAge();
  const identity = new Secret(await generateX25519Identity());
  const recipient = await identityToRecipient(identity.reveal());
  const text = `# What opens the credentials of moltbot. Keep it out of backups that hold vault.age.\n# public key: ${recipient}\n${identity.reveal()}\n`;
  if (source.kind === 'key file') {
    await writePrivateFile(source.path, Buffer.from(text));
    return identity;
  }
  const passphrase = await source.passphrase('create');
  if (!passphrase) throw needsPassphrase(source.path);
  const encrypter = new Encrypter();
  encrypter.addRecipient(scryptRecipient(passphrase, source.logN ?? DEFAULT_LOG_N));
  await writePrivateFile(source.path, await encrypter.encrypt(text));
  return identity;
}

async function unseal(source: FileIdentity & { kind: 'passphrase' }, bytes: Uint8Array): Promise<string> {
  const passphrase = await source.passphrase('open');
  if (!passphrase) throw needsPassphrase(source.path);
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  decrypter.addIdentity(scryptIdentity(passphrase));
  try {
    return await decrypter.decrypt(bytes, 'text');
  } catch (error) {
    if (isNoMatch(error)) {
      throw new MoltbotError('VAULT_LOCKED', `The passphrase does not open ${source.path}.`, {
        hint: 'Try again with the passphrase the vault was made with (MOLTBOT_VAULT_PASSPHRASE_FILE, or type it).',
      });
    }
    throw new MoltbotError('VAULT_DAMAGED', `${source.path} is damaged.`, {
      hint: `Bring ${source.path} back from a backup; it was left as it is.`,
      cause: error,
    });
  }
}

function needsPassphrase(path: string): MoltbotError {
  return new MoltbotError('VAULT_LOCKED', `The vault needs its passphrase: ${path} is sealed with one.`, {
    hint: 'Run the command in a terminal, or put the passphrase into a file (0600) and set MOLTBOT_VAULT_PASSPHRASE_FILE to it.',
  });
}

async function isIdentity(text: string): Promise<boolean> {
  const { identityToRecipient } = await loadAge();
  return identityToRecipient(text).then(
    () => true,
    () => false, // its checksum does not fit
  );
}
