import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Environment } from '../../app.ts';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { findProgram } from './find-program.ts';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** Typed at a terminal these reach the child by themselves: it is in the same foreground group. */
const FROM_TERMINAL: readonly string[] = ['SIGINT', 'SIGQUIT'];

/**
 * Runs a program on our terminal and gives its exit code; a program ended by signal n gives 128 + n, as shells do.
 * Signals sent to us go to it. Fails with UNKNOWN_COMMAND or NOT_PERMITTED when it cannot be started.
 */
export function runChild(command: readonly string[], env: Record<string, string>): Promise<number> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { env, stdio: 'inherit' });
    const stopForwarding = forwardSignals((signal) => child.kill(signal));
    child.once('error', (error) => {
      stopForwarding();
      reject(cannotStart(program!, error));
    });
    child.once('exit', (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}

/** Fails as `runChild` would, before anything is started for a program that is not there. */
export function assertProgram(program: string, env: Environment): void {
  let found: string | undefined;
  try {
    found = findProgram(program, env);
  } catch (error) {
    throw cannotStart(program, error);
  }
  if (found === undefined) throw cannotStart(program, undefined);
}

function forwardSignals(send: (signal: NodeJS.Signals) => void): () => void {
  const listeners = FORWARDED.map((signal) => {
    const listener = () => {
      if (!(process.stdin.isTTY && FROM_TERMINAL.includes(signal))) send(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

function cannotStart(program: string, error: unknown): MoltbotError {
  const name = printable(program);
  if (systemCode(error) === 'EACCES') {
    return new MoltbotError('NOT_PERMITTED', `"${name}" may not be executed.`, {
      hint: `Check its mode: ls -l ${name}`,
      cause: error,
    });
  }
  return new MoltbotError('UNKNOWN_COMMAND', `There is no program "${name}" to run.`, {
    hint: 'Give a program that is on your PATH after the dashes, for example: moltbot run -- claude',
    cause: error,
  });
}
