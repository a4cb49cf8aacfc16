import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  fchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../../config/paths.ts';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { type SystemStep, stepLine } from './system-steps.ts';
import { SYSTEM_USER } from './system-unit.ts';

/** useradd(8): the name is taken; it is ours from an earlier time. */
const NAME_IN_USE = 9;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Does the steps as root, below `root` (`/`, or the image of a machine). Steps that are done already change nothing. What
 * systemd does not take from us (in a container it is not there) is left for the person; every other failure ends it with
 * NOT_PERMITTED. Files of the service's user are never written through a link it may have put there.
 */
export function performSteps(steps: readonly SystemStep[], root = '/'): { readonly left: readonly string[] } {
  const left: string[] = [];
  for (const step of steps) {
    if (step.kind === 'command') {
      if (!runStep(step.command, root)) left.push(stepLine(step));
    } else if (step.kind === 'directory') makeDirectory(join(root, step.path), step.mode, ownerIn(root));
    else if (step.owner === 'root') writeAsRoot(join(root, step.path), step.text);
    else writeForUser(join(root, step.path), step.text, ownerIn(root));
  }
  return { left };
}

/** False for what systemd did not do. */
function runStep([program, ...args]: readonly string[], root: string): boolean {
  const isSystemd = program === 'systemctl';
  if (isSystemd && root !== '/') return false;
  try {
    const prefix = root === '/' ? [] : ['--prefix', root];
    execFileSync(program!, [...prefix, ...args], { stdio: 'ignore', timeout: 60_000 });
    return true;
  } catch (error) {
    if (isSystemd) return false;
    if ((error as { status?: number }).status === NAME_IN_USE) return true;
    throw new MoltbotError('NOT_PERMITTED', `${program} could not make the user ${SYSTEM_USER}.`, {
      hint: `See why: sudo ${program} ${args.join(' ')}`,
    });
  }
}

function makeDirectory(path: string, mode: number, { uid, gid }: Owner): void {
  try {
    mkdirSync(path, { mode, recursive: true });
    if (!lstatSync(path).isDirectory()) throw inTheWay(path);
    chownSync(path, uid, gid);
    chmodSync(path, mode);
  } catch (error) {
    throw fileError(path, 'made', error);
  }
}

function writeAsRoot(path: string, text: string): void {
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text, { mode: 0o644 });
  } catch (error) {
    throw fileError(path, 'written', error);
  }
}

function writeForUser(path: string, text: string, { uid, gid }: Owner): void {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fchownSync(file, uid, gid);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(path, 'written', error);
  }
}

/** passwd(5): `name:password:uid:gid:…`. */
function ownerIn(root: string): Owner {
  const line = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${SYSTEM_USER}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  throw new MoltbotError('NOT_PERMITTED', `There is no user ${SYSTEM_USER} in ${join(root, 'etc/passwd')}.`, {
    hint: 'Make it, then run this again: sudo useradd --system moltbot',
  });
}

function inTheWay(path: string): MoltbotError {
  return new MoltbotError('NOT_PERMITTED', `${path} is not a directory.`, { hint: `Move it away: ls -ld ${path}` });
}
