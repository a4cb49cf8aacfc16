import { formatPath } from '../../config/path.ts';
import { printable } from '../../core/text.ts';
import { hideCredentials } from '../hide-credentials.ts';
import type { SettingChange } from './plan-connection.ts';

/** Settings whose value, or its beginning, tells whose they are and is no secret. */
const NAMED = ['apiKeyHelper', 'model_provider'];

/**
 * What will be written, one setting a line: `+` ours in full, `-` what was there, of which no value is shown that may be a
 * secret.
 */
export function previewLines(changes: readonly SettingChange[]): string[] {
  return changes.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [`- ${formatPath(path)}: ${shownBefore(path.at(-1)!, before)}`]),
    ...leaves(formatPath(path), after).map((line) => `+ ${line}`),
  ]);
}

/** A setting of somebody else, as a person knows it again: `apiKeyHelper (vault-login)`. */
export function namedSetting({ path, before }: SettingChange): string {
  return `${formatPath(path)} (${shownBefore(path.at(-1)!, before)})`;
}

function shownBefore(name: string, value: unknown): string {
  if (typeof value !== 'string') return '…';
  if (URL.canParse(value) && /^https?:/.test(value)) return new URL(value).origin;
  if (!NAMED.includes(name)) return '…';
  // Of a command the program: what follows, or is set before it, may be a secret.
  const program = value.split(/\s+/).find((word) => !word.includes('=')) ?? '';
  const rest = value.trim() === program ? '' : ' …';
  return printable(hideCredentials(program)) + rest;
}

function leaves(path: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [printable(`${path}: ${JSON.stringify(value)}`)];
  }
  return Object.entries(value).flatMap(([key, inner]) => leaves(`${path}.${key}`, inner));
}
