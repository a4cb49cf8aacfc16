import { MAIN_AGENT } from '../core/ids.ts';
import type { ConfigEdit } from './apply-edits.ts';
import type { LoadedConfig } from './load.ts';
import { type ConfigPath, formatPath } from './path.ts';

type Raw = LoadedConfig['raw'];

/** A change of one agent's own settings: in its entry under `agents.list`, which is added when there is none. */
export function agentEdits(raw: Raw, agentId: string, path: ConfigPath, value: unknown): ConfigEdit[] {
  const list = listOf(raw);
  const index = list.findIndex((entry) => entry.id === agentId);
  if (index !== -1) return [{ path: ['agents', 'list', String(index), ...path], value }];
  if (value === undefined) return [];
  const entry = { id: agentId, ...(path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object) };
  const isNew = list.length === 0 && valueAt(raw, ['agents', 'list']) === undefined;
  if (isNew) return [{ path: ['agents', 'list'], value: [entry] }];
  return [{ path: ['agents', 'list', String(list.length)], value: entry }];
}

/**
 * A change of an agent's models or features. For `main` that is `agents.defaults`, unless `main` has a setting of its
 * own there, which would win over the defaults.
 */
export function modelEdits(raw: Raw, agentId: string, path: ConfigPath, value: unknown): ConfigEdit[] {
  if (agentId !== MAIN_AGENT || ownValue(raw, agentId, path) !== undefined)
    return agentEdits(raw, agentId, path, value);
  return [{ path: ['agents', 'defaults', ...path], value }];
}

/** What an agent's own entry says at a path, as written. */
export function ownValue(raw: Raw, agentId: string, path: ConfigPath): unknown {
  return valueAt(
    listOf(raw).find((entry) => entry.id === agentId),
    path,
  );
}

/** The keys that edits touch, as a person would type them. */
export function editedKeys(edits: readonly ConfigEdit[]): string[] {
  return edits.map(({ path }) => formatPath(path));
}

export function valueAt(root: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    root,
  );
}

function listOf(raw: Raw): readonly Record<string, unknown>[] {
  const list = valueAt(raw, ['agents', 'list']);
  return Array.isArray(list) ? list : [];
}
