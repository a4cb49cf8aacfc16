import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { fileError } from './paths.ts';
import { replaceFile } from './replace-file.ts';

const KEPT = 5;

/** A text the config had before one of our own changes. */
export interface ConfigVersion {
  /** 1 is the newest. */
  readonly number: number;
  /** When it was replaced, epoch ms. */
  readonly untilMs: number;
  readonly path: string;
}

/** Keeps a text (0600) and drops all but the last five. */
export function keepVersion(versionsDir: string, text: string, nowMs: number): void {
  const newest = listVersions(versionsDir)[0]?.untilMs ?? 0;
  const atMs = Math.max(nowMs, newest + 1);
  replaceFile(join(versionsDir, `${atMs}.json5`), text);
  for (const version of listVersions(versionsDir).slice(KEPT)) rmSync(version.path, { force: true });
}

/** Newest first; empty when nothing was ever changed by us. */
export function listVersions(versionsDir: string): ConfigVersion[] {
  return namesIn(versionsDir)
    .flatMap((name) => /^(\d+)\.json5$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
    .map((untilMs, index) => ({ number: index + 1, untilMs, path: join(versionsDir, `${untilMs}.json5`) }));
}

/** The text of a kept version, by its number as a person types it; USAGE when there is none. */
export function readVersion(versionsDir: string, typed: string | number): string {
  const version = listVersions(versionsDir).find(({ number }) => String(number) === String(typed));
  if (!version) {
    throw new MoltbotError('USAGE', `There is no kept version "${printable(String(typed))}" of the config.`, {
      hint: 'See which there are: moltbot config history',
    });
  }
  return readFileSync(version.path, 'utf8');
}

/** Drops every kept version that holds this text: a secret that was moved into the vault must not stay in them. */
export function forgetVersionsWith(versionsDir: string, text: string): number {
  const found = listVersions(versionsDir).filter((version) => readFileSync(version.path, 'utf8').includes(text));
  for (const version of found) rmSync(version.path, { force: true });
  return found.length;
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(dir, 'read', error);
  }
}
