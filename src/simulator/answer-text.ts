import type { AnswerSettings } from './script-schema.ts';

const DEFAULT_TEXT = 'This is a simulated answer: the provider behind it is a simulator.';
const WORDS_PER_DELTA = 3;

export function textOf(settings: AnswerSettings): string {
  return settings.text ?? DEFAULT_TEXT;
}

/** The text cut into deltas whose concatenation is the text; asked for more than it has words, it is repeated. */
export function deltasOf(settings: AnswerSettings): string[] {
  const words = textOf(settings).match(/\S+\s*|\s+/g) ?? [''];
  if (settings.deltas === undefined) return grouped(words, WORDS_PER_DELTA);
  if (settings.deltas <= words.length) return grouped(words, Math.ceil(words.length / settings.deltas));
  return Array.from({ length: settings.deltas }, (_, index) => words[index % words.length]!);
}

function grouped(words: readonly string[], size: number): string[] {
  const deltas: string[] = [];
  for (let start = 0; start < words.length; start += size) deltas.push(words.slice(start, start + size).join(''));
  return deltas;
}

/** About four bytes a token: the figures only have to be plausible and repeatable. */
export function tokensOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 4));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
