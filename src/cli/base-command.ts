import { Command, Errors, Flags } from '@oclif/core';
import { type App, openApp } from '../app.ts';
import { MAIN_AGENT, parseAgentId } from '../core/ids.ts';
import { printable } from '../core/text.ts';
import { sealAfterCommand } from './audit/seal-after-command.ts';
import { askPassphrase } from './prompts/ask-passphrase.ts';
import { hasTerminal } from './prompts/terminal.ts';
import { usageError } from './usage-error.ts';

/**
 * What every command shares: `--json`, `--agent`, the app, and where text goes. Results for people go to stdout by
 * `this.log`, everything that is not the result (progress, notes, what was changed) to stderr by `this.note`; with
 * `--json` the object that `run` returns is printed and nothing else reaches stdout.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  #app: App | undefined;

  /** Opened on first use, so that `--help` opens nothing. */
  get app(): App {
    this.#app ??= openCommandApp();
    return this.#app;
  }

  /** A line for people beside the result: stderr, also under `--json`. */
  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** Errors are printed in one place, `main`; here it is known which command was typed wrongly. */
  protected override async catch(error: Error): Promise<never> {
    throw error instanceof Errors.CLIError && !(error instanceof Errors.ExitError) ? usageError(error, this.id) : error;
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    if (this.#app) await sealAfterCommand(this.#app);
    this.#app?.close();
    await super.finally(error);
  }

  /** Plain JSON, whatever a theme or the terminal says. */
  protected override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** `CONTENT_TYPE` in the environment is not a way to ask for JSON here: only `--json` is. */
  override jsonEnabled(): boolean {
    const end = this.argv.indexOf('--');
    return (end === -1 ? this.argv : this.argv.slice(0, end)).includes('--json');
  }
}

/** The app of this process; at a terminal its vault may ask for a passphrase. */
export function openCommandApp(): App {
  return openApp(process.env, hasTerminal() ? askPassphrase : undefined);
}

/** `--agent <id>`, else `MOLTBOT_AGENT`, else `main`. Read it with `agentOf(flags)`. */
export const agentFlag = {
  agent: Flags.string({ char: 'a', description: 'whose profiles: an agent id (else MOLTBOT_AGENT, else main)' }),
};

export function agentOf(flags: { agent?: string | undefined }): string {
  return parseAgentId(flags.agent ?? (process.env.MOLTBOT_AGENT || MAIN_AGENT));
}

/** A list as every list is printed under `--json`. */
export function jsonList<T>(items: readonly T[]): { schemaVersion: 1; items: readonly T[] } {
  return { schemaVersion: 1, items };
}

/** Rows as columns, aligned with spaces; cells are made safe for a terminal. No rows: the sentence that says what to do. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], whenEmpty: string): string {
  if (rows.length === 0) return whenEmpty;
  const lines = [head, ...rows].map((row) => row.map((cell) => printable(cell)));
  const widths = head.map((_, column) => lines.reduce((most, line) => Math.max(most, line[column]?.length ?? 0), 0));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
