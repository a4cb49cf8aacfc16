import { dirname, join } from 'node:path';
import { isMoltbotError, MoltbotError } from '../core/errors.ts';
import { type HeldLock, holdProcessLock } from '../core/process-lock.ts';
import { printable } from '../core/text.ts';
import { applyEdits, type ConfigEdit } from './apply-edits.ts';
import { checkConfig } from './check.ts';
import { configFromText, digestOf, type LoadedConfig, readConfigText } from './load.ts';
import { ensurePrivateDirectory, type Paths } from './paths.ts';
import { replaceFile, throughLinks } from './replace-file.ts';
import { keepVersion } from './versions.ts';

export type EditPlace = Pick<Paths, 'stateDir' | 'configFile' | 'versionsDir'>;

export interface EditResult {
  /** False when the file said so already; nothing was written then. */
  readonly changed: boolean;
  readonly loaded: LoadedConfig;
}

export interface EditOptions {
  /** The digest of what the caller decided on; another one in the file is CONFIG_CHANGED. */
  readonly expectedDigest?: string;
  readonly nowMs?: number;
  /** For changes that mend a broken file: what is there need not be valid. Another product's file is refused all the same. */
  readonly evenIfInvalid?: boolean;
  /** Called when all is checked, right before the file changes. `before` is undefined where it was not valid. */
  readonly beforeReplace?: (before: LoadedConfig | undefined, after: LoadedConfig) => void;
}

/** Long enough for any other edit, which takes milliseconds. */
const LOCK_WAIT_MS = 2_000;

/**
 * Makes the changes in the person's file and nothing else; creates it (0600) when there is none. Under a lock, against
 * the text that was read, checked before it is written, the old text kept as a version, written whole or not at all; a
 * link is written through. Fails with USAGE (the change breaks the schema), CONFIG_EDIT_REFUSED, CONFIG_CHANGED,
 * CONFIG_INVALID, CONFIG_FOREIGN, NOT_PERMITTED or DISK_FULL; nothing has changed then.
 */
export function editConfig(place: EditPlace, edits: readonly ConfigEdit[], options: EditOptions = {}): EditResult {
  return rewriteConfig(place, (text) => applyEdits(text, edits), options);
}

/** The same with a whole new text: `config edit` and `config restore`. */
export function rewriteConfig(
  place: EditPlace,
  change: (text: string) => string,
  options: EditOptions = {},
): EditResult {
  ensurePrivateDirectory(place.stateDir);
  ensurePrivateDirectory(place.versionsDir);
  const lock = lockConfig(place);
  try {
    const path = place.configFile;
    const before = readConfigText(path);
    const loadedBefore = assertExpected(path, before, options);
    const after = change(before ?? '');
    if (after === (before ?? '')) return { changed: false, loaded: configFromText(path, before, process.env) };
    assertValid(after);
    const loaded = configFromText(path, after, process.env);
    options.beforeReplace?.(loadedBefore, loaded);
    replaceFile(throughLinks(path), after, () => {
      if (readConfigText(path) !== before) throw changedMeanwhile(path);
      if (before !== undefined) keepVersion(place.versionsDir, before, options.nowMs ?? Date.now());
    });
    return { changed: true, loaded };
  } finally {
    lock.release();
  }
}

/** What is there must be ours and, unless it is about to be mended, sound, before a program changes it. */
function assertExpected(
  path: string,
  text: string | undefined,
  { expectedDigest, evenIfInvalid }: EditOptions,
): LoadedConfig | undefined {
  if (expectedDigest !== undefined && digestOf(text) !== expectedDigest) throw changedMeanwhile(path);
  try {
    return configFromText(path, text, process.env);
  } catch (error) {
    if (!(evenIfInvalid && isMoltbotError(error, 'CONFIG_INVALID'))) throw error;
    return undefined;
  }
}

/** The old text was valid, so a mistake is in what was asked for: that is a usage error about a key, not about a line. */
function assertValid(text: string): void {
  const checked = checkConfig(text);
  if (checked.ok) return;
  const { key, what, fix } = checked.problems[0]!;
  throw new MoltbotError('USAGE', `${key === '' ? 'The config' : key}: ${what}.`, {
    hint: `${fix} Nothing was changed.`,
  });
}

function lockConfig(place: EditPlace): HeldLock {
  const lock = holdProcessLock(join(place.versionsDir, 'lock'), LOCK_WAIT_MS);
  if (lock) return lock;
  throw new MoltbotError('CONFIG_CHANGED', `Another moltbot is changing ${printable(place.configFile)}.`, {
    hint: 'Nothing was changed. Try again in a moment.',
  });
}

function changedMeanwhile(path: string): MoltbotError {
  return new MoltbotError('CONFIG_CHANGED', `${printable(path)} was changed by somebody else in the meantime.`, {
    hint: `Nothing was changed by this command; look at the file in ${printable(dirname(path))} and run it again.`,
  });
}
