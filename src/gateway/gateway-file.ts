import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Paths } from '../config/paths.ts';
import { MoltbotError } from '../core/errors.ts';
import { holdProcessLock, isProcessLockHeld } from '../core/process-lock.ts';

/** What a running gateway says about itself in `gateway.json` (0600). It holds no secret. */
export interface GatewayRecord {
  readonly pid: number;
  /** Where agents call: `http://127.0.0.1:8400`. */
  readonly url: string;
  /** Where people and scripts administer it: a Unix socket, and over TCP where the config says so. */
  readonly managementSocket: string;
  readonly managementUrl?: string | undefined;
  /** The machine and user it runs as: the *gateway host*. */
  readonly host: string;
  readonly user: string;
  readonly startedAtMs: number;
  readonly version: string;
  /** Names (never values) of provider variables in its environment: what counts for `<provider>:env` profiles. */
  readonly environmentNames: readonly string[];
}

/** The right to be the only gateway of a state directory. */
export interface GatewayClaim {
  /** Says where the gateway listens, once it does. */
  announce(record: GatewayRecord): void;
  /** Takes the announcement back and lets the next gateway in. */
  release(): void;
}

type GatewayPaths = Pick<Paths, 'gatewayFile' | 'gatewayLockFile'>;

/**
 * The gateway that runs for this state directory, or undefined: a file that a killed one left behind counts for nothing,
 * because its lock died with it. Changes nothing. A gateway that has not begun to listen yet is not running.
 */
export function readRunningGateway(paths: GatewayPaths): GatewayRecord | undefined {
  if (!existsSync(paths.gatewayFile) || !isProcessLockHeld(paths.gatewayLockFile)) return undefined;
  return readRecord(paths.gatewayFile);
}

/** Fails with GATEWAY_RUNNING, saying where the first one runs. The state directory must exist. */
export function claimGateway(paths: GatewayPaths): GatewayClaim {
  const lock = holdProcessLock(paths.gatewayLockFile);
  if (!lock) throw alreadyRunning(readRunningGateway(paths));
  // What a killed gateway left says nothing true any more.
  rmSync(paths.gatewayFile, { force: true });
  return {
    announce: (record) => writeRecord(paths.gatewayFile, record),
    release: () => {
      rmSync(paths.gatewayFile, { force: true });
      lock.release();
    },
  };
}

/** Machine and user of this process. A user id without a name (a bare container) is its number. */
export function gatewayHost(): { host: string; user: string } {
  try {
    return { host: hostname(), user: userInfo().username };
  } catch {
    // No entry in the user database for this id.
    return { host: hostname(), user: String(process.getuid?.() ?? 'unknown') };
  }
}

function writeRecord(path: string, record: GatewayRecord): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

function readRecord(path: string): GatewayRecord | undefined {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Partial<GatewayRecord>;
    return typeof read.pid === 'number' && typeof read.url === 'string' ? (read as GatewayRecord) : undefined;
  } catch {
    // Removed between two calls, or not ours: then nothing is known about a gateway.
    return undefined;
  }
}

function alreadyRunning(record: GatewayRecord | undefined): MoltbotError {
  const where = record ? ` at ${record.url} (pid ${record.pid}, ${record.user}@${record.host})` : '';
  return new MoltbotError('GATEWAY_RUNNING', `A gateway already runs for this state directory${where}.`, {
    hint: 'Use that one, or end it first: moltbot gateway stop',
  });
}
