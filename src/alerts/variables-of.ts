import type { Environment } from '../config/environment.ts';

/** Those of the named variables that are set, and nothing else; PATH always, because without one nothing is found. */
export function variablesOf(env: Environment, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = { PATH: '/usr/bin:/bin' };
  for (const name of names) {
    const value = env[name];
    if (value) found[name] = value;
  }
  return found;
}
