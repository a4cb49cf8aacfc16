import { rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { readPrivateFile, writePrivateFile } from '../../vault/private-file.ts';
import type { Vault } from '../../vault/vault.ts';

/** No profile id looks like this, so it is nobody's credential. */
const PROFILE_ID = '_enrolled';

/** Where the identity of an enrolled agent rests on this machine: its poll token first, then its agent key. */
export interface IdentityPlace {
  /** For people: `the keychain`, or the path of the file. */
  readonly name: string;
  readonly keyFile: string | null;
  get(): Promise<Secret | undefined>;
  /** `origin`: the gateway it is for. */
  set(secret: Secret, origin: string): Promise<void>;
  delete(): Promise<void>;
}

/** `MOLTBOT_AGENT_KEY_FILE`, for machines without a vault (a container). UNSAFE_ENVIRONMENT for a relative path. */
export function agentKeyFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const path = env.MOLTBOT_AGENT_KEY_FILE || undefined;
  if (path === undefined || isAbsolute(path)) return path;
  throw new MoltbotError('UNSAFE_ENVIRONMENT', 'MOLTBOT_AGENT_KEY_FILE is not an absolute path.', {
    hint: 'Give it from the root of the file system, for example: export MOLTBOT_AGENT_KEY_FILE="$PWD/agent.key"',
  });
}

export function vaultPlace(vault: Vault, agentId: string): IdentityPlace {
  const key = { agentId, profileId: PROFILE_ID };
  return {
    name: vault.kind === 'keychain' ? 'the keychain' : 'the vault',
    keyFile: null,
    get: async () => (await vault.get(key))?.secret,
    set: (secret, origin) => vault.set(key, { secret, origin }),
    delete: async () => void (await vault.delete(key)),
  };
}

/** The file has mode 0600 and holds the key and nothing else. */
export function filePlace(path: string): IdentityPlace {
  return {
    name: path,
    keyFile: path,
    get: async () => {
      const text = (await readPrivateFile(path, { followLinks: true }))?.bytes.toString('utf8').trim();
      return text ? new Secret(text) : undefined;
    },
    set: (secret) => writePrivateFile(path, Buffer.from(`${secret.reveal()}\n`)),
    delete: () => rm(path, { force: true }),
  };
}

/** Where the identity of an agent that is enrolled already rests. Fails as the vault fails. */
export function placeOf(app: App, { agentId, keyFile }: EnrolledAgent): IdentityPlace {
  return keyFile === null ? vaultPlace(app.vault(), agentId) : filePlace(agentKeyFile(process.env) ?? keyFile);
}
