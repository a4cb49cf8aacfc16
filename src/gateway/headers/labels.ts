import type { RawHeaders } from './raw-headers.ts';

const PREFIX = 'x-moltbot-label-';
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MOST_LABELS = 16;
const LONGEST_VALUE = 200;

/** `x-moltbot-label-project: web` → `{"project":"web"}`, for reports; null without any. What is too long or too many is left out. */
export function labelsOf(raw: RawHeaders): string | null {
  let labels: Record<string, string> | undefined;
  let count = 0;
  for (let at = 0; at < raw.length && count < MOST_LABELS; at += 2) {
    const name = raw[at]!;
    // Most headers are told apart by their length or first letters.
    if (name.length <= PREFIX.length || !name.toLowerCase().startsWith(PREFIX)) continue;
    const label = name.slice(PREFIX.length).toLowerCase();
    const value = raw[at + 1]!;
    if (!NAME.test(label) || value.length > LONGEST_VALUE) continue;
    labels ??= Object.create(null) as Record<string, string>;
    labels[label] = value;
    count++;
  }
  return labels ? JSON.stringify(labels) : null;
}
