import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { printable } from '../../core/text.ts';

/** The program that listens on a port, as `name (pid 123)`; undefined when this user may not see it. */
export function portHolder(port: number): string | undefined {
  try {
    return process.platform === 'linux' ? holderFromProc(port) : holderFromLsof(port);
  } catch {
    // No /proc, no lsof, or no right to look: then the port is all that can be named.
    return undefined;
  }
}

/** proc(5): `/proc/net/tcp` lists sockets with their inode, `/proc/<pid>/fd` says who has it. State 0A is LISTEN. */
function holderFromProc(port: number): string | undefined {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  const sockets = new Set<string>();
  for (const line of lines) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === '0A' && local?.endsWith(`:${hexPort}`)) sockets.add(`socket:[${inode}]`);
  }
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && hasOpen(name, sockets));
  return pid && `${printable(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())} (pid ${pid})`;
}

function hasOpen(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // Another user's process, or one that just ended.
    return false;
  }
}

function holderFromLsof(port: number): string | undefined {
  const out = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    encoding: 'utf8',
    timeout: 3_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = /^p(\d+)$/m.exec(out)?.[1];
  const name = /^c(.+)$/m.exec(out)?.[1];
  return pid && name && `${printable(name)} (pid ${pid})`;
}
