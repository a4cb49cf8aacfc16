import { SessionBus } from './session-bus.ts';
import type { VaultCondition } from './vault.ts';

export interface Probe {
  readonly condition: Exclude<VaultCondition, 'damaged'>;
  readonly detail: string;
}

const SECRETS = 'org.freedesktop.secrets';
const COLLECTION = '/org/freedesktop/secrets/aliases/default';

/**
 * Whether the Secret Service answers and its default keyring is open, without a prompt: the service's alias `default`
 * and that collection's `Locked` property (Secret Service API 0.2). The keychain library itself has one error code for
 * "locked" and "not there", and opens a prompt before it says either.
 */
export async function probeSecretService(
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): Promise<Probe> {
  const signal = AbortSignal.timeout(timeoutMs);
  let bus: SessionBus;
  try {
    bus = await SessionBus.connect(env, signal);
  } catch {
    // Refused, missing or silent: for the person it is the same answer.
    return { condition: 'unavailable', detail: 'there is no D-Bus session bus to reach a keyring through' };
  }
  try {
    return await readCondition(bus);
  } catch {
    // The service is not installed, does not start, or did not answer in time.
    return { condition: 'unavailable', detail: 'no keyring service answers on the D-Bus session bus' };
  } finally {
    bus.close();
  }
}

async function readCondition(bus: SessionBus): Promise<Probe> {
  const collection = await bus.ask({
    destination: SECRETS,
    path: '/org/freedesktop/secrets',
    interface: 'org.freedesktop.Secret.Service',
    member: 'ReadAlias',
    texts: ['default'],
  });
  if (collection === '/') return { condition: 'unavailable', detail: 'the keyring service has no default keyring' };
  const locked = await bus.ask({
    destination: SECRETS,
    path: COLLECTION,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    texts: ['org.freedesktop.Secret.Collection', 'Locked'],
  });
  if (locked === true) return { condition: 'locked', detail: 'the default keyring is locked' };
  if (locked === false) return { condition: 'ready', detail: 'the default keyring is open' };
  return { condition: 'unavailable', detail: 'the keyring service gave an answer that is none' };
}
