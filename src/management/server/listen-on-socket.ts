import { chmodSync, chownSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { ensurePrivateDirectory, fileError } from '../../config/paths.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

/**
 * Listens on a Unix socket (0600 in a 0700 directory; with `group`, 0660 in 0750 and the group's). A socket that a killed
 * gateway left is replaced: the caller holds the gateway's lock, so nobody listens on it. Anything else in its place is
 * refused (NOT_PERMITTED). CONFIG_INVALID for a group that this machine does not know.
 */
export async function listenOnSocket(server: Server, path: string, group: string | undefined): Promise<void> {
  const groupId = group === undefined ? undefined : groupIdOf(group);
  const directory = dirname(path);
  ensurePrivateDirectory(directory);
  try {
    removeStale(path);
    await listen(server, path);
    chmodSync(path, 0o600);
    if (groupId === undefined) return;
    for (const [place, mode] of [[path, 0o660] as const, [directory, 0o750] as const]) {
      chownSync(place, -1, groupId);
      chmodSync(place, mode);
    }
  } catch (error) {
    throw fileError(path, 'listened on', error);
  }
}

function removeStale(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  const isOwn = stats.isSocket() && (process.getuid === undefined || stats.uid === process.getuid());
  if (!isOwn) throw inTheWay(path);
  rmSync(path);
}

function inTheWay(path: string): MoltbotError {
  return new MoltbotError('NOT_PERMITTED', `${printable(path)} is in the way of the management socket.`, {
    hint: `See what it is, and move it away if you did not put it there: ls -l ${printable(path)}`,
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** group(5): `name:password:id:members`. Node has no way to ask the system. */
function groupIdOf(name: string): number {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  const id = Number(line?.split(':')[2]);
  if (line && Number.isInteger(id)) return id;
  throw new MoltbotError(
    'CONFIG_INVALID',
    `management.socketGroup names no group of this machine: ${printable(name)}.`,
    {
      hint: `Make it: sudo groupadd ${printable(name)}, or choose one of: getent group`,
    },
  );
}
