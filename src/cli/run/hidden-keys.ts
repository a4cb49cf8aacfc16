import type { App } from '../../app.ts';

/**
 * What a program started by `run` must not find in its environment: the names under which any provider's key may stand,
 * and the keys themselves, which a config may take from variables of other names (`${WORK_KEY}`).
 */
export function hiddenKeys(app: App): { names: string[]; keys: string[] } {
  const names = [...app.providers().values()].flatMap((provider) => provider.environmentNames);
  // Names from the config's `env` are looked at one by one: an unresolvable one is no reason not to run.
  const set = new Set(Object.keys(app.env));
  const keys = names.flatMap((name) => (set.has(name) ? (app.env[name] ?? []) : []));
  return { names, keys };
}
