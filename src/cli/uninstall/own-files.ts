import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Paths } from '../../config/paths.ts';

/** Names that moltbot gives to what it makes in its state directory, side files of SQLite and locks included. */
const OWN =
  /^(state\.sqlite|gateway\.(json|lock|log|out)|vault\.age|vault\.key\.age|keychain\.lock|management\.sock|config-versions|catalog\.json|connections|enrolled)/;

/** What in the state directory is ours. Anything else a person keeps there is theirs and stays. */
export function ownFiles(paths: Paths): string[] {
  if (!existsSync(paths.stateDir)) return [];
  const isConfig = (name: string) => join(paths.stateDir, name) === paths.configFile;
  return readdirSync(paths.stateDir)
    .filter((name) => OWN.test(name) || isConfig(name))
    .map((name) => join(paths.stateDir, name));
}

/** Deletes them, and the directory when nothing of somebody else is in it. Gives what stays. */
export function removeOwnFiles(paths: Paths): string[] {
  for (const file of ownFiles(paths)) rmSync(file, { recursive: true, force: true });
  if (!existsSync(paths.stateDir)) return outside(paths);
  const rest = readdirSync(paths.stateDir).map((name) => join(paths.stateDir, name));
  if (rest.length === 0) rmdirSync(paths.stateDir);
  return [...rest, ...outside(paths)];
}

/** A config that lives elsewhere is the person's file; a key file may open the vault of another set-up, too. */
function outside(paths: Paths): string[] {
  const isElsewhere = dirname(paths.configFile) !== paths.stateDir;
  const files = [...(isElsewhere ? [paths.configFile] : []), paths.vaultKeyFile];
  return files.filter((file) => existsSync(file));
}
