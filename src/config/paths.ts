import { chmodSync, lstatSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { makeDirectory } from '../core/make-directory.ts';
import { printable } from '../core/text.ts';
import { socketPath } from './socket-path.ts';

/** Where everything lives. All paths are absolute; nothing is ever looked for in the working directory. */
export interface Paths {
  readonly stateDir: string;
  readonly configFile: string;
  readonly databaseFile: string;
  /** Where a running gateway says its pid and addresses. */
  readonly gatewayFile: string;
  readonly gatewayLockFile: string;
  readonly logFile: string;
  /** The management API for who may open it. */
  readonly managementSocket: string;
  readonly vaultFile: string;
  /** The identity that opens the file vault: outside the state directory, so that a copy of that one is not enough. */
  readonly vaultKeyFile: string;
  /** The last versions of the config. */
  readonly versionsDir: string;
  /** Models and prices that a person loaded. */
  readonly catalogFile: string;
}

/** Fails with UNSAFE_ENVIRONMENT when a path in the environment is relative: it would mean another file in every directory. */
export function resolvePaths(env: Readonly<Record<string, string | undefined>>, home: string): Paths {
  const stateDir = fromEnvironment(env, 'MOLTBOT_HOME') ?? join(home, '.moltbot');
  const inState = (name: string) => join(stateDir, name);
  return {
    stateDir,
    configFile: fromEnvironment(env, 'MOLTBOT_CONFIG') ?? inState('moltbot.json'),
    databaseFile: inState('state.sqlite'),
    gatewayFile: inState('gateway.json'),
    gatewayLockFile: inState('gateway.lock'),
    logFile: inState('gateway.log'),
    managementSocket: socketPath(stateDir, env),
    vaultFile: inState('vault.age'),
    vaultKeyFile: fromEnvironment(env, 'MOLTBOT_VAULT_KEY_FILE') ?? join(home, '.config', 'moltbot', 'vault.key'),
    versionsDir: inState('config-versions'),
    catalogFile: inState('catalog.json'),
  };
}

/** An empty variable counts as unset. */
function fromEnvironment(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name];
  if (!value) return undefined;
  if (isAbsolute(value)) return value;
  throw new MoltbotError('UNSAFE_ENVIRONMENT', `${name} is not an absolute path.`, {
    hint: `Give it from the root of the file system, for example: export ${name}="$PWD/…"`,
  });
}

const LOOSE = 0o077;

/**
 * Creates the directory (0700, whatever the umask) or makes an existing one of ours private. A symbolic link, a file in
 * its place or another owner is refused with NOT_PERMITTED: whoever controls it could swap what is inside.
 */
export function ensurePrivateDirectory(dir: string): void {
  try {
    makeDirectory(dir);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(dir, 'created', error);
  }
  const stats = attempt(dir, 'looked at', () => lstatSync(dir));
  if (stats.isSymbolicLink()) {
    throw refused(dir, 'is a symbolic link', 'Set MOLTBOT_HOME to the directory it points to.');
  }
  if (!stats.isDirectory()) throw refused(dir, 'is not a directory', 'Move it away, or set MOLTBOT_HOME.');
  assertOwner(dir, stats);
  if (isLoose(stats)) attempt(dir, 'made private', () => chmodSync(dir, 0o700));
}

/**
 * Checks that a file, when it exists, is a plain file of ours that nobody else can read. False when there is none.
 * A link is followed: keeping a config in a folder of dotfiles is fine, as long as the real file is private.
 */
export function assertPrivateFile(path: string): boolean {
  const stats = attempt(path, 'read', () => statSync(path, { throwIfNoEntry: false }));
  if (!stats) return false;
  if (!stats.isFile()) throw refused(path, 'is not a plain file', `Move it away: mv ${path} ${path}.old`);
  assertOwner(path, stats);
  if (isLoose(stats)) throw refused(path, 'can be read by other users', `Make it private: chmod 600 ${path}`);
  return true;
}

/** Windows has no mode bits worth judging. */
function isLoose(stats: Stats): boolean {
  return process.platform !== 'win32' && (stats.mode & LOOSE) !== 0;
}

function assertOwner(path: string, stats: Stats): void {
  const uid = process.getuid?.();
  if (uid === undefined || stats.uid === uid) return;
  throw refused(path, 'belongs to another user', `See who owns it: ls -ld ${path}`);
}

/** A file system failure as ours: DISK_FULL or NOT_PERMITTED, naming the file and what could not be done. */
export function fileError(path: string, deed: string, error: unknown): MoltbotError {
  if (error instanceof MoltbotError) return error;
  if (systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT') {
    return new MoltbotError('DISK_FULL', `No space is left on the disk of ${printable(path)}.`, {
      hint: 'Free some space and run the command again; nothing was changed.',
      cause: error,
    });
  }
  return new MoltbotError('NOT_PERMITTED', `${printable(path)} cannot be ${deed} (${systemCode(error) ?? 'failed'}).`, {
    hint: `Check it and its directory: ls -ld ${printable(path)}`,
    cause: error,
  });
}

function refused(path: string, why: string, hint: string): MoltbotError {
  return new MoltbotError('NOT_PERMITTED', `${printable(path)} ${why}.`, { hint: printable(hint) });
}

function attempt<T>(path: string, deed: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(path, deed, error);
  }
}
