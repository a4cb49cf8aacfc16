import { hash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NAME = 'management.sock';
/** unix(7): `sun_path` has 108 bytes on Linux and 104 on macOS, with the closing NUL. */
const LONGEST_BYTES = 100;

/**
 * Where the management socket of a state directory is: in it, or where that would be too long for a socket, in a
 * directory of its own below the user's run-time directory (else the temporary one), named after the state directory.
 */
export function socketPath(stateDir: string, env: Readonly<Record<string, string | undefined>>): string {
  const inState = join(stateDir, NAME);
  return Buffer.byteLength(inState) <= LONGEST_BYTES ? inState : join(runtimeDirectory(stateDir, env), NAME);
}

/**
 * The same for a socket that a group may use: never in the state directory, which stays closed to everybody else. A
 * system service says where by XDG_RUNTIME_DIR.
 */
export function sharedSocketPath(stateDir: string, env: Readonly<Record<string, string | undefined>>): string {
  return join(runtimeDirectory(stateDir, env), NAME);
}

function runtimeDirectory(stateDir: string, env: Readonly<Record<string, string | undefined>>): string {
  const runtime = env.XDG_RUNTIME_DIR;
  const parent = runtime && isAbsolute(runtime) ? runtime : tmpdir();
  return join(parent, `moltbot-${hash('sha256', stateDir).slice(0, 16)}`);
}
