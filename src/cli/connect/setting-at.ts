import type { ConfigPath } from '../../config/path.ts';

/** The value that a path leads to, or undefined. */
export function settingAt(settings: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    settings,
  );
}
