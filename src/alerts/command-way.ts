import type { Environment } from '../config/environment.ts';
import { printable } from '../core/text.ts';
import { SECOND_MS } from '../core/time.ts';
import { type AlertWay, WAY_LIMIT_MS, type WayResult } from './alert-way.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { variablesOf } from './variables-of.ts';

/**
 * The command a person configured: no shell, an environment of PATH, HOME and LANG, the message as JSON on its standard
 * input. What it needs besides, it reads from its own files.
 */
export function commandWay(command: readonly string[], env: Environment, limitMs: number = WAY_LIMIT_MS): AlertWay {
  return {
    name: 'command',
    async send(message, signal) {
      const [program = '', ...args] = command;
      const own = variablesOf(env, ['PATH', 'HOME', 'LANG']);
      const input = `${JSON.stringify(message)}\n`;
      return resultOf(program, limitMs, await runProgram({ program, args, env: own, input, limitMs, signal }));
    },
  };
}

function resultOf(program: string, limitMs: number, end: ProgramEnd): WayResult {
  const name = printable(program);
  switch (end.kind) {
    case 'ended':
      return { ok: end.exitCode === 0, said: `${name} ended with exit code ${end.exitCode}${wordsOf(end.firstLine)}` };
    case 'killed':
      return { ok: false, said: `${name} was killed${wordsOf(end.firstLine)}` };
    case 'too_slow':
      return { ok: false, said: `${name} was killed, because it took longer than ${limitMs / SECOND_MS} s` };
    case 'given_up':
      return { ok: false, said: `${name} was killed, because the gateway ends` };
    case 'not_started':
      return { ok: false, said: `${name} cannot be started (${end.code})`, isLasting: true };
  }
}

function wordsOf(firstLine: string): string {
  return firstLine === '' ? '' : `: ${firstLine}`;
}
