import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { CliHome } from './cli.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const LIMIT_MS = 20_000;
let opened = 0;

/** A real terminal (tmux) with the built command line in it. */
export interface Terminal {
  /** Types keys by their tmux names: `Enter`, `C-c`, `Down`, or text. */
  press(...keys: readonly string[]): void;
  /** Pastes as a terminal does: marked where the program asked for it. */
  paste(text: string): void;
  /** Everything that was ever shown. */
  screen(): string;
  /** Waits until the screen shows it; fails with the screen otherwise. */
  shows(pattern: RegExp): Promise<string>;
  /** Waits for the end and gives the exit code. */
  exitCode(): Promise<number>;
  close(): void;
}

/** Whether this machine has the program that makes terminals. */
export function hasTmux(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'tmux')));
}

/** `shellCommand` is run as it stands in place of the command line with `args`. */
export function openTerminal(
  home: CliHome,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  shellCommand?: string,
): Terminal {
  // A server that is just ending would take a new session down with it.
  opened += 1;
  const socket = join(home.directory, `tmux-${opened}`);
  const tmux = (...words: readonly string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], {
      encoding: 'utf8',
      env: { ...home.env, TERM: 'xterm' },
    });
  const words = [process.execPath, PROGRAM, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const script = join(home.directory, 'run.sh');
  const exports = Object.entries({ ...home.env, ...env }).map(([name, value]) => `export ${name}='${value}'`);
  // A Ctrl-C is for the program; the shell around it stays to say how it ended.
  writeFileSync(
    script,
    ['trap : INT', ...exports, shellCommand ?? words.join(' '), 'echo "EXIT=$?"', 'sleep 600', ''].join('\n'),
  );
  tmux('new-session', '-d', '-x', '150', '-y', '50', `sh ${script}`);
  const screen = () => tmux('capture-pane', '-p', '-J', '-S', '-');
  const shows = async (pattern: RegExp) => {
    const endsAtMs = Date.now() + LIMIT_MS;
    for (;;) {
      const shown = screen();
      if (pattern.test(shown)) return shown;
      if (Date.now() > endsAtMs) throw new Error(`The terminal never showed ${pattern}:\n${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return {
    press: (...keys) => void tmux('send-keys', ...keys),
    paste: (text) => {
      tmux('set-buffer', text);
      tmux('paste-buffer', '-p', '-r');
    },
    screen,
    shows,
    exitCode: async () => Number(/EXIT=(\d+)/.exec(await shows(/EXIT=\d+/))![1]),
    close: () => void tmux('kill-server'),
  };
}
