import { isUtf8 } from 'node:buffer';
import { accessSync, constants, readFileSync, rmSync, statSync } from 'node:fs';
import { fileError } from '../../config/paths.ts';
import { replaceFile, throughLinks } from '../../config/replace-file.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

/** A client's settings file as it is now. */
export interface SettingsFile {
  /** Where the client looks for it. */
  readonly path: string;
  /** Undefined: there is none. */
  readonly text: string | undefined;
  /** Permission bits. */
  readonly mode: number | undefined;
}

/** A link is followed: what it points to is read, and later written. Fails with NOT_PERMITTED or CONFIG_INVALID. */
export function readSettingsFile(path: string): SettingsFile {
  try {
    const target = throughLinks(path);
    const stats = statSync(target, { throwIfNoEntry: false });
    if (!stats) return { path, text: undefined, mode: undefined };
    const bytes = readFileSync(target);
    if (isUtf8(bytes)) return { path, text: bytes.toString('utf8'), mode: stats.mode & 0o7777 };
  } catch (error) {
    throw fileError(path, 'read', error);
  }
  throw new MoltbotError('CONFIG_INVALID', `${printable(path)} is not UTF-8 text, so it is left alone.`, {
    hint: 'Save it as UTF-8 in your editor.',
  });
}

/**
 * Puts a text in its place, or removes the file for `undefined`, where it still is as it was read: whole or not at all.
 * Fails with CONFIG_CHANGED, NOT_PERMITTED or DISK_FULL; nothing has changed then.
 */
export function writeSettingsFile(file: SettingsFile, text: string | undefined, mode: number): void {
  const target = throughLinks(file.path);
  assertSame(file);
  try {
    // A rename would go past the mode of a file that its owner protected.
    if (file.text !== undefined) accessSync(target, constants.W_OK);
    if (text === undefined) rmSync(target, { force: true });
    else replaceFile(target, text, () => assertSame(file), mode);
  } catch (error) {
    throw fileError(file.path, 'written', error);
  }
}

function assertSame({ path, text }: SettingsFile): void {
  if (readSettingsFile(path).text === text) return;
  throw new MoltbotError('CONFIG_CHANGED', `${printable(path)} was changed by somebody else in the meantime.`, {
    hint: 'Nothing was changed by this command; run it again.',
  });
}
