import { isDeepStrictEqual } from 'node:util';
import type { ConfigPath } from '../../config/path.ts';
import type { SettingsFormat } from './client.ts';
import { type ConnectionRecord, isUntouched } from './connection-record.ts';
import { settingAt } from './setting-at.ts';

export interface TakenOut {
  /** Undefined: no file. */
  readonly text: string | undefined;
  /** Settings of ours that somebody changed since, and that therefore stay. */
  readonly left: readonly ConfigPath[];
}

/**
 * The settings without what connecting wrote: the original, byte for byte, where nobody edited the file since; else the
 * file with those settings given back that still are as they were written. Throws where the text cannot be read.
 */
export function takeOut(format: SettingsFormat, text: string | undefined, record: ConnectionRecord): TakenOut {
  if (text === undefined) return { text, left: [] };
  if (isUntouched(record, text)) return { text: record.original ?? undefined, left: [] };
  const now = format.read(text);
  const before = format.read(record.original ?? '');
  const ours = record.written.filter(({ path, value }) => isDeepStrictEqual(settingAt(now, path), value));
  const edits = ours.map(({ path }) => ({ path, value: settingAt(before, path) }));
  const given = format.change(
    text,
    edits.filter(({ path, value }) => !isDeepStrictEqual(settingAt(now, path), value)),
  );
  const left = record.written.filter(
    (setting) => !ours.includes(setting) && settingAt(now, setting.path) !== undefined,
  );
  return { text: withoutEmptied(format, given, before, record), left: left.map(({ path }) => path) };
}

/** Objects that only came into being for a setting of ours go with it. */
function withoutEmptied(
  format: SettingsFormat,
  text: string,
  before: Record<string, unknown>,
  { written }: ConnectionRecord,
): string {
  const parents = written.flatMap(({ path }) =>
    path.slice(1).map((_, index) => path.slice(0, path.length - 1 - index)),
  );
  const deepestFirst = parents.toSorted((a, b) => b.length - a.length);
  return deepestFirst.reduce((rest, path) => {
    const isEmptied = isDeepStrictEqual(settingAt(format.read(rest), path), {});
    if (!isEmptied || settingAt(before, path) !== undefined) return rest;
    return format.change(rest, [{ path, value: undefined }]);
  }, text);
}
