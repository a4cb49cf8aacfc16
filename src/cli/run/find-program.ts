import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import type { Environment } from '../../app.ts';
import { systemCode } from '../../core/errors.ts';

/**
 * The file that a program's name means to this process: on the PATH, or as it stands when it holds a slash. Undefined
 * when there is none; throws EACCES when there is one that may not be executed.
 */
export function findProgram(name: string, env: Environment): string | undefined {
  const folders = name.includes('/') || name.includes(sep) ? [''] : (env.PATH ?? '').split(delimiter);
  const names = [
    name,
    ...(process.platform === 'win32' ? (env.PATHEXT ?? '').split(';').map((end) => name + end) : []),
  ];
  const candidates = folders.flatMap((folder) => names.map((each) => (folder === '' ? each : join(folder, each))));
  let refused: unknown;
  for (const candidate of candidates) {
    try {
      if (!statSync(candidate).isFile()) continue;
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch (error) {
      if (systemCode(error) === 'EACCES') refused ??= error;
    }
  }
  if (refused) throw refused;
  return undefined;
}
