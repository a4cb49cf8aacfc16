import type { ConfigPath } from '../../config/path.ts';

/** The value that a path leads to, as plain JSON, so that no class of a parser stands in the way of comparing; or undefined. */
export function settingAt(settings: unknown, path: ConfigPath): unknown {
  const found = path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    settings,
  );
  return found === undefined ? undefined : (JSON.parse(JSON.stringify(found, withoutBigInt)) as unknown);
}

function withoutBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
