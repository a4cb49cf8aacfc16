import { isDeepStrictEqual } from 'node:util';
import type { ConfigEdit } from '../../config/apply-edits.ts';
import type { ConfigPath } from '../../config/path.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { Client, Connection, SettingsFormat } from './client.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { settingAt } from './setting-at.ts';
import type { SettingsFile } from './settings-file.ts';
import { takeOut } from './take-out.ts';

/** A setting that is about to change. */
export interface SettingChange {
  readonly path: ConfigPath;
  readonly before: unknown;
  readonly after: unknown;
  /** Whether what is there is somebody else's. */
  readonly isForeign: boolean;
}

export interface ConnectionPlan {
  /** What `--undo` gives back. */
  readonly original: string | undefined;
  readonly text: string;
  readonly edits: readonly ConfigEdit[];
  /** Against the file as it is now; empty where nothing changes. */
  readonly changes: readonly SettingChange[];
}

/**
 * What connecting would make of the client's settings. It starts from what was there before an earlier connection, so
 * that connecting twice is the same as once. Fails with CONFIG_INVALID or CONFIG_EDIT_REFUSED.
 */
export function planConnection(
  client: Client,
  file: SettingsFile,
  connection: Connection,
  record: ConnectionRecord | undefined,
): ConnectionPlan {
  const { format } = client;
  const now = readSettings(format, file.path, file.text);
  const original = record ? takeOut(format, file.text, record).text : file.text;
  const before = format.read(original ?? '');
  const blocking = client.inTheWay.filter((path) => settingAt(before, path) !== undefined);
  const edits = [...client.edits(connection), ...blocking.map((path) => ({ path, value: undefined }))];
  const text = format.change(original ?? '', edits);
  // What an earlier connection wrote and this one does not, goes.
  const dropped = (record?.written ?? [])
    .filter(({ path }) => !edits.some((edit) => isDeepStrictEqual(edit.path, path)))
    .map(({ path }) => ({ path, value: settingAt(before, path) }));
  const changes = [...edits, ...dropped].flatMap((edit) => changeOf(now, edit, record));
  return { original, text, edits, changes };
}

/** The settings of a text; one that is not of the client's format is left alone: CONFIG_INVALID. */
export function readSettings(format: SettingsFormat, path: string, text: string | undefined): Record<string, unknown> {
  try {
    return format.read(text ?? '');
  } catch (error) {
    throw new MoltbotError('CONFIG_INVALID', `${printable(path)} is not valid ${format.name}, so it is left alone.`, {
      hint: 'Nothing was changed. Correct the file in your editor and run the command again.',
      cause: error,
    });
  }
}

function changeOf(
  now: Record<string, unknown>,
  { path, value: after }: ConfigEdit,
  record: ConnectionRecord | undefined,
): SettingChange[] {
  const before = settingAt(now, path);
  if (isDeepStrictEqual(before, after)) return [];
  const wrote = record?.written.find((setting) => isDeepStrictEqual(setting.path, path));
  const isOurs = wrote !== undefined && isDeepStrictEqual(wrote.value, before);
  return [{ path, before, after, isForeign: before !== undefined && !isOurs }];
}
