import { createHash } from 'node:crypto';
import { Decrypter, Encrypter, identityToRecipient, Stanza } from 'age-encryption';
import type { Secret } from '../core/secret.ts';

/** Whether bytes open with an identity: they do, they were sealed for another one, or they are not what was sealed. */
export type Opened = { readonly status: 'open'; readonly text: string } | { readonly status: 'other key' | 'damaged' };

/** Our own stanza in the header: it names the key without revealing it. Other age tools pass over it. */
const KEY_STANZA = 'moltbot-key';

/** Seals text for an X25519 identity in the age format. */
export async function seal(text: string, identity: Secret): Promise<Uint8Array> {
  const recipient = await identityToRecipient(identity.reveal());
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  encrypter.addRecipient({ wrapFileKey: () => [new Stanza([KEY_STANZA, keyName(recipient)], new Uint8Array())] });
  return encrypter.encrypt(text);
}

export function open(bytes: Uint8Array, identity: Secret): Promise<Opened> {
  return judged(bytes, identity, (decrypter) => decrypter.decrypt(bytes, 'text'));
}

/** Looks at the header only: neither plaintext nor a flipped byte in the body is seen. */
export function openHeader(bytes: Uint8Array, identity: Secret): Promise<Opened> {
  return judged(bytes, identity, async (decrypter) => {
    // The header ends with the line of its MAC.
    const end = bytes.indexOf(0x0a, Buffer.from(bytes).indexOf('\n--- ') + 1);
    await decrypter.decryptHeader(bytes.subarray(0, end + 1));
    return '';
  });
}

async function judged(
  bytes: Uint8Array,
  identity: Secret,
  read: (decrypter: Decrypter) => Promise<string>,
): Promise<Opened> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.reveal());
  try {
    return { status: 'open', text: await read(decrypter) };
  } catch (error) {
    const noMatch = error instanceof Error && error.message.startsWith('no identity matched');
    if (!noMatch) return { status: 'damaged' };
    const recipient = await identityToRecipient(identity.reveal());
    // It says it is for this very key and yet does not open with it: a byte of the wrapped key has changed.
    const isForThisKey = Buffer.from(bytes).includes(`\n-> ${KEY_STANZA} ${keyName(recipient)}\n`);
    return { status: isForThisKey ? 'damaged' : 'other key' };
  }
}

function keyName(recipient: string): string {
  return createHash('sha256').update(recipient).digest('base64url').slice(0, 16);
}
