import { Flags } from '@oclif/core';
import type { Agent, AgentTerms, Labels } from '../../agents/agent-store.ts';
import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { parseDuration } from '../../core/time.ts';
import { asksForPolicy, type PolicyWords, policyFlags, policyFrom } from './policy-flags.ts';

const LONGEST_LABEL = 200;
const LABEL = /^([a-z0-9][a-z0-9._-]{0,62})=(.*)$/i;

/** What is said about an agent: `agents add` and `agents set` take the same. */
export const termFlags = {
  can: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'a provider it may use (else all)',
    helpValue: 'anthropic',
  }),
  ...policyFlags,
  'expires-in': Flags.string({ description: 'when it ends by itself, or never', helpValue: '30d' }),
  label: Flags.string({
    multiple: true,
    description: 'a note of your own; an empty value takes it away',
    helpValue: 'team=core',
  }),
};

interface TermWords extends PolicyWords {
  readonly 'expires-in'?: string | undefined;
  readonly label?: readonly string[] | undefined;
}

/** The terms that flags ask for, over those an agent has; only what was named. USAGE and as `policyFrom`. */
export function termsFrom(app: App, words: TermWords, before?: Agent): AgentTerms {
  const expiry = words['expires-in'];
  return {
    ...(asksForPolicy(words) && { policy: policyFrom(app, words, before?.policy) }),
    ...(expiry !== undefined && { expiresAtMs: expiryFrom(expiry, app.now()) }),
    ...(words.label && { labels: labelsFrom(words.label, before?.labels) }),
  };
}

function expiryFrom(text: string, nowMs: number): number | null {
  if (text === 'never') return null;
  const ms = parseDuration(text);
  if (ms !== undefined) return nowMs + ms;
  throw new MoltbotError('USAGE', '--expires-in is not a time.', { hint: 'For example: --expires-in 30d, or never' });
}

function labelsFrom(words: readonly string[], before: Labels = {}): Labels {
  const labels = new Map(Object.entries(before));
  for (const word of words) {
    const [, name, value] = LABEL.exec(word) ?? [];
    if (name === undefined || value === undefined || value.length > LONGEST_LABEL) throw badLabel();
    if (value === '') labels.delete(name);
    else labels.set(name, value);
  }
  return Object.fromEntries(labels);
}

function badLabel(): MoltbotError {
  return new MoltbotError('USAGE', 'A label is name=value: letters, digits, dots, dashes in the name.', {
    hint: 'For example: --label team=core',
  });
}
