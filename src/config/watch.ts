import { statSync } from 'node:fs';
import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Environment } from './environment.ts';
import { type HotChanges, hotChanges, hotConfig } from './hot-changes.ts';
import { configFromText, type LoadedConfig, readConfigText } from './load.ts';
import type { Config } from './schema.ts';

export interface ConfigChange extends HotChanges {
  /** What to go on with: the new file, but with what needs a restart as it was. */
  readonly config: Config;
  /** The file as it is now. */
  readonly loaded: LoadedConfig;
}

export interface ConfigWatcher {
  close(): void;
}

const POLL_MS = 250;

/**
 * Tells of every change of the config file within a second. A valid one goes to `onChange`, an invalid or vanished one
 * to `onInvalid` (once per text) and changes nothing. The file is looked at four times a second instead of by `fs.watch`,
 * which loses files that are renamed over or recreated and hears nothing on network mounts; a look costs microseconds.
 * A text counts once two looks in a row found the same file, so that one being written is not taken for a broken one.
 */
export function watchConfig(
  initial: LoadedConfig,
  env: Environment,
  onChange: (change: ConfigChange) => void,
  onInvalid: (error: MoltbotError) => void,
): ConfigWatcher {
  const { path } = initial;
  let running = initial.raw;
  let text: string | undefined = initial.exists ? initial.text : undefined;
  let seen = stampOf(path);
  // A change between the load and this first look would otherwise never be noticed.
  let isSettled = false;

  const takeOver = () => {
    const now = readConfigText(path);
    if (now === text) return;
    text = now;
    if (now === undefined) throw vanished(path);
    const loaded = configFromText(path, now, env);
    const next = hotConfig(running, loaded.raw, env);
    const changes = hotChanges(running, loaded.raw);
    running = next.raw;
    if (changes.changed.length > 0) onChange({ ...changes, config: next.config, loaded });
  };
  const look = () => {
    const stamp = stampOf(path);
    if (stamp !== seen) {
      seen = stamp;
      isSettled = false;
      return;
    }
    if (isSettled) return;
    isSettled = true;
    try {
      takeOver();
    } catch (error) {
      onInvalid(
        error instanceof MoltbotError
          ? error
          : new MoltbotError('INTERNAL', 'The config could not be taken over.', { cause: error }),
      );
    }
  };
  const timer = setInterval(look, POLL_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** Another value whenever the file was written, replaced, removed or made (un)readable. */
export function stampOf(path: string): string {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size}` : 'none';
  } catch (error) {
    // A directory that became unreadable: reading the file will say so by name.
    return String(error);
  }
}

function vanished(path: string): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `${printable(path)} is gone; the gateway goes on with what it had.`, {
    hint: 'Put it back: moltbot config restore 1',
  });
}
