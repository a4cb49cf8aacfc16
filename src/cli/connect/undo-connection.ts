import type { App } from '../../app.ts';
import { formatPath } from '../../config/path.ts';
import type { Client } from './client.ts';
import { forgetRecord, isUntouched, readRecord } from './connection-record.ts';
import { readSettings } from './plan-connection.ts';
import { readSettingsFile, writeSettingsFile } from './settings-file.ts';
import { takeOut } from './take-out.ts';

export interface UndoneConnection {
  /** False: the client was not connected. */
  readonly changed: boolean;
  readonly file: string | undefined;
  /** What became of the file. */
  readonly outcome: 'given back' | 'removed' | 'taken out' | 'gone' | 'not connected';
  /** Settings that somebody changed since: they stay. */
  readonly left: readonly string[];
}

/** Gives a client its settings back, as far as nobody changed ours since. Fails as `writeSettingsFile`, or CONFIG_INVALID. */
export function undoConnection(app: App, client: Client): UndoneConnection {
  const record = readRecord(app.paths, client.id);
  if (!record) return { changed: false, file: undefined, outcome: 'not connected', left: [] };
  const file = readSettingsFile(record.file);
  readSettings(client.format, file.path, file.text);
  const { text, left } = takeOut(client.format, file.text, record);
  const untouched = isUntouched(record, file.text);
  const mode = (untouched ? record.mode : file.mode) ?? file.mode;
  if (text !== file.text) writeSettingsFile(file, text, mode!);
  forgetRecord(app.paths, client.id);
  const outcome =
    file.text === undefined ? 'gone' : text === undefined ? 'removed' : untouched ? 'given back' : 'taken out';
  return { changed: true, file: file.path, outcome, left: left.map(formatPath) };
}
