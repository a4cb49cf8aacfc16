import { closeSync, openSync, statSync } from 'node:fs';
import type { App } from '../../app.ts';
import { replaceFile, throughLinks } from '../../config/replace-file.ts';
import { isMoltbotError, MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';
import { ForeignDatabase } from '../../database/foreign-database.ts';
import { holdsSecret } from './files-with-keys.ts';
import type { ImportItem } from './import-item.ts';
import { scrubText } from './scrub-text.ts';
import { type DatabaseSource, readSourceText, type SourceFile, type TextSource } from './source-file.ts';

/** What was done to the files. */
export interface Scrubbing {
  readonly scrubbed: readonly string[];
  readonly warnings: readonly string[];
}

/** The secrets that may go from the files: those that the vault gives back, one by one. */
export async function removableSecrets(app: App, agentId: string, items: readonly ImportItem[]): Promise<Secret[]> {
  const secrets: Secret[] = [];
  for (const item of items) {
    if (item.status !== 'brought' && item.status !== 'present') continue;
    const profileId = item.status === 'brought' ? item.stored.profile.profileId : item.profileId;
    const reading = await app.credentials().read(agentId, profileId);
    if (reading.status === 'ok' && reading.secret.reveal() === item.secret.reveal()) secrets.push(item.secret);
  }
  return secrets;
}

/** The files that have one of the secrets. */
export function filesToScrub(files: readonly SourceFile[], secrets: readonly Secret[]): SourceFile[] {
  return files.filter(({ path }) => secrets.some((secret) => holdsSecret(path, secret)));
}

/**
 * Takes the secrets out of the files, which stay as they are but for that, with mode 0600. A file that cannot be changed
 * safely is left alone and named.
 */
export function scrubFiles(files: readonly SourceFile[], secrets: readonly Secret[]): Scrubbing {
  const texts = secrets.map((secret) => secret.reveal());
  const scrubbed: string[] = [];
  const warnings: string[] = [];
  for (const file of files) {
    try {
      if (file.kind === 'text') scrubTextFile(file, texts);
      else scrubDatabase(file, texts);
      scrubbed.push(file.path);
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      warnings.push(`Not scrubbed: ${error.message}${error.hint ? ` ${error.hint}` : ''}`);
    }
  }
  return { scrubbed, warnings };
}

function scrubTextFile({ path, format }: TextSource, secrets: readonly string[]): void {
  const target = throughLinks(path);
  assertOwn(target);
  const before = readSourceText(target);
  const after = scrubText(before, format, secrets, path);
  if (after === undefined || after === before) throw notSafe(path);
  replaceFile(target, after, () => {
    if (readSourceText(target) !== before) throw changedMeanwhile(path);
  });
}

function scrubDatabase({ path, cells }: DatabaseSource, secrets: readonly string[]): void {
  assertOwn(path);
  const database = new ForeignDatabase(path);
  let replaced = 0;
  for (const cell of cells) {
    const before = database.readCell(cell);
    if (before === undefined || !secrets.some((secret) => before.includes(secret))) continue;
    const after = scrubText(before, 'json', secrets, path);
    if (after === undefined) throw notSafe(path);
    if (!database.replaceCell(cell, before, after)) throw changedMeanwhile(path);
    replaced++;
  }
  if (replaced === 0) throw notSafe(path);
}

/** A file that is put in the place of somebody else's would become ours. */
function assertOwn(path: string): void {
  const uid = process.getuid?.();
  if (uid !== undefined && statSync(path).uid !== uid) {
    throw new MoltbotError('NOT_PERMITTED', `${printable(path)} belongs to another user.`, {
      hint: 'Run this as that user, or remove the keys by hand.',
    });
  }
  // Where it cannot be written, it is said before a neighbour is made.
  try {
    closeSync(openSync(path, 'r+'));
  } catch (error) {
    throw new MoltbotError('NOT_PERMITTED', `${printable(path)} cannot be written.`, {
      hint: `ls -ld ${printable(path)}`,
      cause: error,
    });
  }
}

function notSafe(path: string): MoltbotError {
  return new MoltbotError(
    'CONFIG_EDIT_REFUSED',
    `${printable(path)} cannot be changed without touching more than keys.`,
    {
      hint: 'Remove them by hand.',
    },
  );
}

function changedMeanwhile(path: string): MoltbotError {
  return new MoltbotError('CONFIG_CHANGED', `${printable(path)} was changed meanwhile by another program.`, {
    hint: 'Stop it, then run this again.',
  });
}
