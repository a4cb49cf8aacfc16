import { isDeepStrictEqual } from 'node:util';
import { isBuiltIn } from '../providers/registry.ts';
import { type Environment, resolveReferences } from './environment.ts';
import { formatPath } from './path.ts';
import type { Config } from './schema.ts';
import { withDefaults } from './with-defaults.ts';

type Raw = Readonly<Record<string, unknown>>;

/** What a change of the file means for a running gateway; key paths as a person would type them. */
export interface HotChanges {
  readonly changed: readonly string[];
  /** Those of them that take effect only after a restart. */
  readonly needsRestart: readonly string[];
}

/** Sockets, certificates, the vault, and where secrets go: never changed under a running gateway. `*` is any one key. */
const NEVER_HOT = [
  'gateway.host',
  'gateway.port',
  'gateway.tls',
  'gateway.allowedHosts',
  'gateway.trustedOverlay',
  'management',
  'vault',
  'network',
  'alerts',
  'models.providers.*.baseUrl',
  'models.providers.*.allowPrivateNetwork',
].map((path) => path.split('.'));

/** Compares two configs as written (`raw` of a loaded config). */
export function hotChanges(before: Raw, after: Raw): HotChanges {
  const changed = changedPaths(before, after);
  const needsRestart = changed.filter((path) => isNeverHot(path) || isOfNewProvider(path, before, after));
  return { changed: changed.map(formatPath), needsRestart: needsRestart.map(formatPath) };
}

/** The new config with what needs a restart left as it was: what a running gateway goes on with. */
export function hotConfig(before: Raw, after: Raw, env: Environment): { config: Config; raw: Raw } {
  const raw = structuredClone(after) as Record<string, unknown>;
  for (const path of changedPaths(before, after)) {
    if (isOfNewProvider(path, before, after)) put(raw, path.slice(0, 3), valueAt(before, path.slice(0, 3)));
    else if (isNeverHot(path)) put(raw, path, valueAt(before, path));
  }
  return { config: resolveReferences(withDefaults(raw).config, env), raw };
}

/** The paths of the smallest parts that differ; lists are one part. */
function changedPaths(before: unknown, after: unknown, path: readonly string[] = []): string[][] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before ?? {}) || !isObject(after ?? {}) || path.length > 8) return [[...path]];
  const [old, now] = [(before ?? {}) as Raw, (after ?? {}) as Raw];
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
  const found = [...keys].flatMap((key) => changedPaths(old[key], now[key], [...path, key]));
  return found.length > 0 ? found : [[...path]];
}

function isNeverHot(path: readonly string[]): boolean {
  return NEVER_HOT.some((pattern) => pattern.every((step, index) => step === '*' || step === path[index]));
}

/** A person's provider that came or went: without its base URL the rest of it means nothing, so it waits as a whole. */
function isOfNewProvider(path: readonly string[], before: Raw, after: Raw): boolean {
  const [models, providers, id] = path;
  if (models !== 'models' || (providers !== undefined && providers !== 'providers')) return false;
  if (id === undefined || isBuiltIn(id)) return false;
  const place = ['models', 'providers', id];
  return (valueAt(before, place) === undefined) !== (valueAt(after, place) === undefined);
}

function put(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let parent = root;
  for (const key of path.slice(0, -1)) {
    if (!isObject(parent[key])) parent[key] = {};
    parent = parent[key] as Record<string, unknown>;
  }
  if (value === undefined) delete parent[path.at(-1)!];
  else parent[path.at(-1)!] = value;
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), root);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
