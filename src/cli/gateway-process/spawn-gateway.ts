import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fchmodSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrivateDirectory, fileError, type Paths } from '../../config/paths.ts';
import { isErrorCode, MoltbotError } from '../../core/errors.ts';

/** What a gateway in the background is started with beside the environment. */
export interface BackgroundOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** With no port configured, a taken 8400 means another one. */
  readonly freePort?: boolean | undefined;
}

/** Where a gateway in the background writes what would have gone to a terminal: crashes, and why it did not start. */
export function outputFileOf(paths: Pick<Paths, 'stateDir'>): string {
  return join(paths.stateDir, 'gateway.out');
}

/** Starts `gateway run` of `program` (`bin/run.js`), detached from this terminal. It is not yet listening on return. */
export function spawnGateway(paths: Paths, program: string, options: BackgroundOptions): ChildProcess {
  ensurePrivateDirectory(paths.stateDir);
  const output = openOutput(outputFileOf(paths));
  const args = [
    ...['gateway', 'run', '--json'],
    ...(options.host === undefined ? [] : ['--host', options.host]),
    ...(options.port === undefined ? [] : ['--port', String(options.port)]),
    ...(options.freePort ? ['--free-port'] : []),
  ];
  try {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: paths.stateDir,
      detached: true,
      stdio: ['ignore', output, output],
    });
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

/** Why a gateway that ended while starting did so, from the JSON error it printed (Node's warnings may stand around it). */
export function startFailure(paths: Paths): MoltbotError {
  const printed = readFileSync(outputFileOf(paths), 'utf8');
  try {
    const { error } = JSON.parse(/^\{\n[\s\S]*?^\}$/m.exec(printed)?.[0] ?? '') as {
      error: { code: string; message: string; hint?: string };
    };
    if (isErrorCode(error.code))
      return new MoltbotError(error.code, error.message, error.hint ? { hint: error.hint } : {});
  } catch {
    // It crashed before it could say why in our form.
  }
  return new MoltbotError('GATEWAY_START_FAILED', 'The gateway ended while it was starting.', {
    hint: `See why: cat ${outputFileOf(paths)}`,
  });
}

function openOutput(file: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW = 0 } = constants;
  try {
    const output = openSync(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    // Also one that was there, and was open to others.
    fchmodSync(output, 0o600);
    return output;
  } catch (error) {
    throw fileError(file, 'written', error);
  }
}
