import { createHash } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { loadAge } from './load-age.ts';

/** Whether bytes open with an identity: they do, they were sealed for another one, or they are not what was sealed. */
export type Opened = { readonly status: 'open'; readonly text: string } | { readonly status: 'other key' | 'damaged' };

/** Our own stanza in the header: it names the key without revealing it. Other age tools pass over it. */
const KEY_STANZA = 'moltbot-key';

/** Seals text for an X25519 identity in the age format. */
export async function seal(text: string, identity: Secret): Promise<Uint8Array> {
  const { Encrypter, identityToRecipient, Stanza } = await loadAge();
  const recipient = await identityToRecipient(identity.reveal());
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  encrypter.addRecipient({ wrapFileKey: () => [new Stanza([KEY_STANZA, keyName(recipient)], new Uint8Array())] });
  return encrypter.encrypt(text);
}

export async function open(bytes: Uint8Array, identity: Secret): Promise<Opened> {
  const { Decrypter, identityToRecipient } = await loadAge();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.reveal());
  try {
    return { status: 'open', text: await decrypter.decrypt(bytes, 'text') };
  } catch (error) {
    if (!isNoMatch(error)) return { status: 'damaged' };
    const recipient = await identityToRecipient(identity.reveal());
    // It says it is for this very key and yet does not open with it: a byte of the wrapped key has changed.
    const isForThisKey = Buffer.from(bytes).includes(`\n-> ${KEY_STANZA} ${keyName(recipient)}\n`);
    return { status: isForThisKey ? 'damaged' : 'other key' };
  }
}

/** What the library throws when a file is whole but sealed for somebody else. */
export function isNoMatch(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('no identity matched');
}

/** Whether a file has an age header, from its first line to the line of its MAC. Cheap: no key is needed. */
export function looksLikeAge(bytes: Buffer): boolean {
  return bytes.subarray(0, HEADER.length).equals(HEADER) && bytes.includes('\n--- ');
}

const HEADER = Buffer.from('age-encryption.org/v1\n');

function keyName(recipient: string): string {
  return createHash('sha256').update(recipient).digest('base64url').slice(0, 16);
}
