import type { App } from '../../app.ts';
import { isMoltbotError } from '../../core/errors.ts';

/** What a check of `doctor` found. No part of a secret is ever in it. */
export interface Finding {
  /** Which check: `config`, `permissions`, `vault` … */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'problem';
  /** One sentence that names the thing. */
  readonly message: string;
  /** What to type to mend it. */
  readonly remedy?: string;
  readonly file?: string;
  readonly line?: number;
  /** Of a problem: what the program's exit code says about it. */
  readonly exitCode?: number;
  /** Mends it; gives what was done. */
  readonly fix?: () => Promise<string> | string;
}

/** Where the checks look. */
export interface DoctorContext {
  readonly app: App;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where this program is installed. */
  readonly root: string;
}

export type Check = (context: DoctorContext) => Promise<Finding[]> | Finding[];

/** Runs a check; an error of ours is a finding like any other, with its own hint. */
export async function runCheck(name: string, check: Check, context: DoctorContext): Promise<Finding[]> {
  try {
    return await check(context);
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    const remedy = error.hint === undefined ? {} : { remedy: error.hint };
    return [{ check: name, level: 'problem', message: error.message, ...remedy, exitCode: error.exitCode }];
  }
}
