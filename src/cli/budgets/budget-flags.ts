import { Flags } from '@oclif/core';
import { MoltbotError } from '../../core/errors.ts';

const WINDOWS = ['day', 'week', 'month', '30d', 'total'] as const;
const AMOUNTS = ['usd', 'tokens', 'requests'] as const;
const PARTS = ['agent', 'profile', 'model', 'label'];
/** Takes a threshold or a ceiling away again. */
const NONE = 'none';
const LARGEST_USD = 1_000_000_000;

/** What `budget set` takes. */
export const budgetFlags = {
  usd: Flags.string({ description: 'the cap in dollars', exclusive: ['tokens', 'requests'] }),
  tokens: Flags.string({ description: 'the cap in tokens of all kinds', exclusive: ['usd', 'requests'] }),
  requests: Flags.string({ description: 'the cap in requests', exclusive: ['usd', 'tokens'] }),
  per: Flags.option({ options: WINDOWS, description: 'for how long it counts before it begins anew' })(),
  hard: Flags.boolean({ description: 'hold the worst case of every request: never passed', exclusive: ['soft'] }),
  soft: Flags.boolean({ description: 'hold what such a request usually costs (the default)', exclusive: ['hard'] }),
  everything: Flags.boolean({ description: 'count every request of every agent', exclusive: PARTS }),
  agent: Flags.string({ char: 'a', description: 'count what this agent does (else MOLTBOT_AGENT, else main)' }),
  profile: Flags.string({ description: 'count what goes out with this profile', helpValue: 'main/anthropic:work' }),
  model: Flags.string({ description: 'count what goes to this model: provider/model or an alias' }),
  label: Flags.string({ description: 'count what tokens with this label do (moltbot get --label)' }),
  'alert-at': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'tell when so much is spent; several times, or none',
    helpValue: '80%',
  }),
  'unpriced-usd': Flags.string({ description: 'what a request of unknown price is charged, or none' }),
};

export interface AmountWords {
  readonly usd?: string | undefined;
  readonly tokens?: string | undefined;
  readonly requests?: string | undefined;
}

/** The one amount that was typed, with the other two taken out; nothing where none was. USAGE. */
export function amountFrom(words: AmountWords): { [Unit in keyof AmountWords]?: number | undefined } {
  const typed = AMOUNTS.find((unit) => words[unit] !== undefined);
  if (!typed) return {};
  const amount = typed === 'usd' ? usdFrom('--usd', words.usd!) : countFrom(`--${typed}`, words[typed]!);
  return { usd: undefined, tokens: undefined, requests: undefined, [typed]: amount };
}

/** `80%` or `80` → 0.8. USAGE. */
export function sharesFrom(words: readonly string[]): number[] {
  const texts = words.flatMap((word) => word.split(',')).map((word) => word.trim());
  if (texts.includes(NONE)) return [];
  return [...new Set(texts.map(shareFrom))].sort((a, b) => a - b);
}

/** Undefined takes it away. USAGE. */
export function ceilingFrom(word: string): number | undefined {
  return word === NONE ? undefined : usdFrom('--unpriced-usd', word);
}

function shareFrom(text: string): number {
  const percent = Number(/^(\d{1,3}(?:\.\d{1,2})?) ?%?$/.exec(text)?.[1]);
  if (percent >= 1 && percent <= 100) return percent / 100;
  throw new MoltbotError('USAGE', '--alert-at takes a share from 1% to 100%.', { hint: 'For example: --alert-at 80%' });
}

function usdFrom(flag: string, text: string): number {
  const usd = Number(/^\$?(\d{1,10}(?:\.\d{1,9})?)$/.exec(text)?.[1]);
  if (usd <= LARGEST_USD) return usd;
  throw new MoltbotError('USAGE', `${flag} takes dollars.`, { hint: `For example: ${flag} 5, or ${flag} 0.50` });
}

function countFrom(flag: string, text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new MoltbotError('USAGE', `${flag} takes a whole number.`, { hint: `For example: ${flag} 1000000` });
}
