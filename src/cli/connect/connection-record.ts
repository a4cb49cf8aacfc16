import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../config/load.ts';
import { ensurePrivateDirectory, fileError, type Paths } from '../../config/paths.ts';
import { replaceFile } from '../../config/replace-file.ts';
import { MoltbotError, systemCode } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { ClientId } from './client.ts';

/** One setting that was written. */
export interface WrittenSetting {
  readonly path: readonly string[];
  /** Left out: it was taken out. */
  readonly value?: unknown;
}

/** What `--undo` needs to know. The original may hold the client's own secrets: it is never shown. */
export interface ConnectionRecord {
  readonly schemaVersion: 1;
  readonly file: string;
  readonly agentId: string;
  /** Null: there was no file. */
  readonly original: string | null;
  readonly mode: number | null;
  /** SHA-256 of what was written, in hex: another one means that somebody edited the file since. */
  readonly digest: string;
  readonly written: readonly WrittenSetting[];
  readonly connectedAtMs: number;
}

type Place = Pick<Paths, 'stateDir'>;

function recordFile({ stateDir }: Place, client: ClientId): string {
  return join(stateDir, 'connections', `${client}.json`);
}

/** Undefined when the client is not connected. */
export function readRecord(paths: Place, client: ClientId): ConnectionRecord | undefined {
  const path = recordFile(paths, client);
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<ConnectionRecord>;
    if (typeof record.file === 'string' && Array.isArray(record.written)) return record as ConnectionRecord;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    if (systemCode(error)) throw fileError(path, 'read', error);
  }
  throw new MoltbotError('CONFIG_INVALID', `${printable(path)} is damaged: what to give back is not known.`, {
    hint: `Take moltbot's settings out of the client's file by hand, then remove that one: rm ${printable(path)}`,
  });
}

/** Kept privately (0600, in a directory of ours). */
export function keepRecord(paths: Place, client: ClientId, record: ConnectionRecord): void {
  ensurePrivateDirectory(paths.stateDir);
  ensurePrivateDirectory(join(paths.stateDir, 'connections'));
  replaceFile(recordFile(paths, client), `${JSON.stringify(record, null, 2)}\n`);
}

export function forgetRecord(paths: Place, client: ClientId): void {
  rmSync(recordFile(paths, client), { force: true });
}

/** Whether the file still is what we made of it. */
export function isUntouched(record: ConnectionRecord, text: string | undefined): boolean {
  return text !== undefined && digestOf(text) === record.digest;
}
