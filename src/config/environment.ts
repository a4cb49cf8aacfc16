import { MoltbotError } from '../core/errors.ts';
import { formatPath } from './path.ts';
import type { Config } from './schema.ts';
import { acceptsValue } from './schema-walk.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, or `$${NAME}` which stands for the text `${NAME}` itself. */
const REFERENCE = /\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The text with its references filled in. An unset (or empty) variable is CONFIG_INVALID, naming variable and key. */
export function resolveValue(text: string, env: Environment, key: string): string {
  return text.replace(REFERENCE, (match, name: string) => {
    if (match.startsWith('$$')) return match.slice(1);
    const value = env[name];
    if (value) return value;
    throw new MoltbotError(
      'CONFIG_INVALID',
      `The config's ${key} needs the environment variable ${name}, which is not set.`,
      {
        hint: `Set it (export ${name}=…), or change the value: moltbot config edit`,
      },
    );
  });
}

/** The references in a config as written that could not be filled in now: no mistake, but worth a word. */
export function unsetReferences(raw: unknown, env: Environment): { key: string; variable: string }[] {
  const own = isObject(raw) && isObject(raw.env) ? raw.env : {};
  const find = (value: unknown, path: readonly string[]): { key: string; variable: string }[] => {
    if (isObject(value)) return Object.entries(value).flatMap(([key, child]) => find(child, [...path, key]));
    if (typeof value !== 'string') return [];
    const names = [...value.matchAll(REFERENCE)].flatMap(([match, name]) => (match.startsWith('$$') ? [] : name!));
    const isSet = (name: string) => Boolean(env[name]) || (path[0] !== 'env' && Boolean(own[name]));
    return names.filter((name) => !isSet(name)).map((variable) => ({ key: formatPath(path), variable }));
  };
  return find(raw, []);
}

/** Whether a string of the config has anything to fill in. */
export function hasReference(text: string): boolean {
  return text.search(REFERENCE) !== -1;
}

/**
 * The process's environment with the config's `env` in the gaps. A value that refers to an unset variable is left out
 * of a copy of the result, and is an error for whoever reads it by name.
 */
export function effectiveEnvironment(config: Config, env: Environment): Environment {
  const merged: Record<string, string | undefined> = { ...env };
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(config.env))) {
    if (!env[name]) Object.defineProperty(merged, name, property);
  }
  return merged;
}

/**
 * The config with every string that has a reference turned into a getter that fills it in: using a value resolves it,
 * and nothing else does. Values under `env` see the process's environment, all others also see `env`.
 */
export function resolveReferences(config: Config, processEnv: Environment): Config {
  const env = withGetters(config.env, processEnv, ['env']) as Config['env'];
  const everything = effectiveEnvironment({ ...config, env }, processEnv);
  return { ...(withGetters(config, everything, []) as Config), env };
}

function withGetters(value: unknown, env: Environment, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, child] of Object.entries(value)) {
    const here = [...path, key];
    Object.defineProperty(copy, key, property(child, env, here));
  }
  return copy;
}

function property(value: unknown, env: Environment, path: readonly string[]): PropertyDescriptor {
  if (typeof value !== 'string' || !hasReference(value)) {
    return { value: withGetters(value, env, path), enumerable: true };
  }
  const resolve = () => {
    const resolved = resolveValue(value, env, formatPath(path));
    assertFits(path, resolved);
    return resolved;
  };
  // Not enumerable when it cannot be resolved: a copy made with `...` must not fail for a value nobody asked for.
  return { get: resolve, enumerable: isResolvable(value, env) };
}

function isResolvable(text: string, env: Environment): boolean {
  const isSet = (name: string) => Object.prototype.propertyIsEnumerable.call(env, name) && Boolean(env[name]);
  return [...text.matchAll(REFERENCE)].every(([match, name]) => match.startsWith('$$') || isSet(name!));
}

/** What the environment filled in must be what the schema wants, like anything a person writes. */
function assertFits(path: readonly string[], resolved: string): void {
  if (acceptsValue(path, resolved)) return;
  throw new MoltbotError(
    'CONFIG_INVALID',
    `The config's ${formatPath(path)}, as the environment fills it in, is not valid.`,
    {
      hint: 'Correct the environment variable it refers to. See what is expected with: moltbot config schema',
    },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
