import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { Credentials } from '../../src/profiles/credentials.ts';
import { FileVault } from '../../src/vault/file.ts';

/**
 * A process of its own that changes a credential and kills itself, as `kill -9` would, right before its nth step:
 * `credentials-child.ts <directory> <operation> <step>`. A step is a change of the database, the begin and the end of a
 * transaction, or a change of the vault.
 */
const [directory, operation, step] = process.argv.slice(2) as [string, keyof typeof OPERATIONS, string];

export const OLD = { secret: `sk-ant-sim-${'o'.repeat(24)}0001`, origin: 'https://api.anthropic.com' };
export const NEW = { secret: `sk-ant-sim-${'n'.repeat(24)}0002`, origin: 'http://127.0.0.1:9' };

const OPERATIONS = {
  store: (credentials: Credentials) => credentials.save(credential('anthropic:default', OLD), 1_000),
  add: (credentials: Credentials) =>
    credentials.save({ ...credential('anthropic:new', NEW), agentId: 'reviewer' }, 2_000),
  replace: (credentials: Credentials) => credentials.save(credential('anthropic:default', NEW), 2_000),
  remove: (credentials: Credentials) => credentials.remove('main', 'anthropic:default'),
  rename: (credentials: Credentials) => credentials.rename('main', 'anthropic:default', 'anthropic:new'),
  repair: (credentials: Credentials) => credentials.repair(),
};

if (import.meta.main) await work();

async function work(): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const database = Database.open(join(directory, 'state.db'));
  const vault = openTestVault(directory);
  let taken = 0;
  const count = () => {
    if (++taken === Number(step)) process.kill(process.pid, 'SIGKILL');
  };
  watch(Database.prototype, ['run', 'exec'], count);
  watch(FileVault.prototype, ['set', 'delete'], count);
  await OPERATIONS[operation](new Credentials({ database, vault, actor: 'person:tester' }));
  database.close();
}

export function openTestVault(directory: string): FileVault {
  return new FileVault({
    path: join(directory, 'vault.age'),
    identity: { kind: 'key file', path: join(directory, 'vault.key') },
  });
}

function credential(profileId: string, { secret, origin }: typeof OLD) {
  return {
    agentId: 'main',
    profileId,
    provider: 'anthropic',
    type: 'api_key' as const,
    secret: new Secret(secret),
    origin,
    baseUrl: origin,
    expiresAtMs: null,
    expiryAssumed: false,
  };
}

function watch(target: object, names: string[], count: () => void): void {
  const methods = target as Record<string, (...values: unknown[]) => unknown>;
  for (const name of names) {
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...values: unknown[]) {
      count();
      return original.apply(this, values);
    };
  }
}
