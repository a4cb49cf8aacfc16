import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DoctorContext, Finding } from './finding.ts';

const OTHERS = 0o077;

/** Everything of ours is for its owner only: directories 0700, files 0600. */
export function checkPermissions({ app }: DoctorContext): Finding[] {
  const { stateDir, configFile, vaultKeyFile } = app.paths;
  const top = lstatSync(stateDir, { throwIfNoEntry: false });
  if (!top)
    return [{ check: 'permissions', level: 'ok', message: `There is no ${stateDir} yet; it will be made private.` }];
  const below = readdirSync(stateDir, { recursive: true, encoding: 'utf8' }).map((name) => join(stateDir, name));
  const findings = [stateDir, ...below, configFile, vaultKeyFile].flatMap(findingsOn);
  return findings.length > 0 ? findings : [{ check: 'permissions', level: 'ok', message: `${stateDir} is private.` }];
}

function findingsOn(path: string): Finding[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.isSocket()) return [];
  if (process.getuid && stats.uid !== process.getuid()) {
    const remedy = `See who owns it: ls -ld ${path}`;
    return [
      {
        check: 'permissions',
        level: 'problem',
        message: `${path} belongs to another user.`,
        remedy,
        file: path,
        exitCode: 77,
      },
    ];
  }
  if (process.platform === 'win32' || (stats.mode & OTHERS) === 0) return [];
  const mode = stats.isDirectory() ? 0o700 : 0o600;
  return [
    {
      check: 'permissions',
      level: 'problem',
      message: `${path} can be read by other users.`,
      remedy: `chmod ${mode.toString(8)} ${path}`,
      file: path,
      exitCode: 77,
      fix: () => {
        chmodSync(path, mode);
        return `${path} is private now.`;
      },
    },
  ];
}
