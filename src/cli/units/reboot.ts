import { execFileSync } from 'node:child_process';
import type { FileIdentity } from '../../vault/age-identity.ts';
import type { Vault } from '../../vault/vault.ts';

/** Whether a gateway that starts by itself can open the vault after a reboot, and what is missing, as one sentence. */
export interface RebootAnswer {
  readonly survives: boolean;
  readonly why: string;
}

export function survivesReboot(
  kind: Exclude<Vault['kind'], 'memory'> | undefined,
  identity: FileIdentity,
  lingers: boolean,
): RebootAnswer {
  if (kind === undefined) return { survives: lingers, why: `No vault is set up yet. ${startsWhen(lingers)}` };
  if (kind === 'keychain') {
    return {
      survives: false,
      why: 'After a reboot the keychain is locked until you log in: until then the gateway answers 503.',
    };
  }
  if (identity.kind === 'passphrase' && !identity.atHand) {
    return {
      survives: false,
      why: 'The vault needs its passphrase, and nobody is there to type it: put it into a file and set MOLTBOT_VAULT_PASSPHRASE_FILE.',
    };
  }
  return { survives: lingers, why: `The key file opens the vault without you. ${startsWhen(lingers)}` };
}

function startsWhen(lingers: boolean): string {
  return lingers
    ? 'The gateway starts with the machine.'
    : 'The gateway starts when you log in; to start it with the machine: loginctl enable-linger';
}

/** Whether systemd starts this user's services without a login: loginctl(1). launchd agents always wait for one. */
export function userLingers(user: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const out = execFileSync('loginctl', ['show-user', user, '--property=Linger'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.toString().trim() === 'Linger=yes';
  } catch {
    // No logind here: then nothing starts before a login.
    return false;
  }
}
