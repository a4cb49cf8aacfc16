import { realpathSync } from 'node:fs';
import type { Environment } from '../../app.ts';
import { MAIN_AGENT } from '../../core/ids.ts';
import { findProgram } from '../run/find-program.ts';

/** What tells another process where the state and the config are; it may start without our environment. */
const PLACES = ['MOLTBOT_HOME', 'MOLTBOT_CONFIG'];

/**
 * The words of a command that prints a token, for a client that starts it from wherever it is: plain `moltbot` where
 * that is this program on the PATH, else Node and the program by their absolute paths. `program` is `bin/run.js`.
 */
export function tokenCommand(program: string, env: Environment, agentId: string, provider: string): string[] {
  const places = PLACES.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
  return [
    ...(places.length > 0 ? ['/usr/bin/env', ...places] : []),
    ...(isOnPath(program, env) ? ['moltbot'] : [process.execPath, program]),
    ...['get', provider],
    ...(agentId === MAIN_AGENT ? [] : ['--agent', agentId]),
  ];
}

/** The words as one line for a POSIX shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

function isOnPath(program: string, env: Environment): boolean {
  const found = findProgram('moltbot', env);
  return found !== undefined && realpathSync(found) === realpathSync(program);
}
