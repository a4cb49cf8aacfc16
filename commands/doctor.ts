import { homedir } from 'node:os';
import { Flags } from '@oclif/core';
import { openApp } from '../src/app.ts';
import { BaseCommand, jsonList } from '../src/cli/base-command.ts';
import { examine } from '../src/cli/doctor/examine.ts';
import type { Finding } from '../src/cli/doctor/finding.ts';
import { isMoltbotError } from '../src/core/errors.ts';
import { printable } from '../src/core/text.ts';

/** One mended thing (a file's mode) may let the next be seen (what is in it). */
const ROUNDS = 3;

const MARK = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;

export default class Doctor extends BaseCommand {
  static override summary =
    'Look at everything that can be wrong with this set-up; each with the command that mends it.';
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --fix'];
  static override flags = { fix: Flags.boolean({ description: 'mend what can be mended without a question' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(Doctor);
    const { findings, fixed } = await this.#examine(flags.fix ? ROUNDS : 0);
    for (const { level, message, remedy } of findings) {
      this.log(
        `${MARK[level]}  ${printable(message)}${remedy && level !== 'ok' ? `\n         ${printable(remedy)}` : ''}`,
      );
    }
    process.exitCode = findings.find(({ exitCode }) => exitCode !== undefined)?.exitCode ?? 0;
    return { ...jsonList(findings.map(({ fix, exitCode, ...shown }) => shown)), fixed };
  }

  /** A mended set-up is looked at again, with nothing remembered from before. */
  async #examine(rounds: number): Promise<{ findings: Finding[]; fixed: string[] }> {
    const app = openApp(process.env);
    try {
      const place = { app, home: process.env.HOME || homedir(), env: process.env, root: this.config.root };
      const findings = await examine(place);
      const fixed = rounds > 0 ? await this.#fix(findings) : [];
      if (fixed.length === 0) return { findings, fixed };
      const after = await this.#examine(rounds - 1);
      return { findings: after.findings, fixed: [...fixed, ...after.fixed] };
    } finally {
      app.close();
    }
  }

  async #fix(findings: readonly Finding[]): Promise<string[]> {
    const fixed: string[] = [];
    for (const { fix, message } of findings) {
      if (!fix) continue;
      try {
        const done = await fix();
        this.note(`Mended: ${printable(done)}`);
        fixed.push(done);
      } catch (error) {
        if (!isMoltbotError(error)) throw error;
        this.note(`Not mended: ${printable(message)} ${printable(error.message)}`);
      }
    }
    return fixed;
  }
}
