import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Paths } from '../../config/paths.ts';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { type GatewayRecord, readRunningGateway } from '../../gateway/gateway-file.ts';

const LOOK_EVERY_MS = 25;

/**
 * Asks the running gateway to drain and returns when its process is gone: undefined when none ran. Running answers get
 * `graceMs`; a gateway that is not gone some time after that is ended without asking.
 */
export async function stopGateway(paths: Paths, graceMs: number): Promise<GatewayRecord | undefined> {
  const running = readRunningGateway(paths);
  if (!running) return undefined;
  signal(running, 'SIGTERM');
  if (!(await isGone(running.pid, graceMs + 10_000))) {
    signal(running, 'SIGKILL');
    await isGone(running.pid, 5_000);
  }
  return running;
}

async function isGone(pid: number, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += LOOK_EVERY_MS) {
    if (!isAlive(pid)) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: somebody else's process, so it is there.
    return systemCode(error) !== 'ESRCH';
  }
}

/** A process that ended and that its parent (in a container often nobody) has not asked about: proc(5), field 3. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Gone between two looks, or /proc is hidden: the signal has the last word.
    return false;
  }
}

function signal(running: GatewayRecord, name: NodeJS.Signals): void {
  try {
    process.kill(running.pid, name);
  } catch (error) {
    // Ended in this moment: what was wanted.
    if (systemCode(error) === 'ESRCH') return;
    throw new MoltbotError(
      'NOT_PERMITTED',
      `The gateway (pid ${running.pid}) belongs to ${running.user} and cannot be stopped from here.`,
      {
        hint: `Stop it as that user: sudo -u ${running.user} kill ${running.pid}`,
        cause: error,
      },
    );
  }
}
