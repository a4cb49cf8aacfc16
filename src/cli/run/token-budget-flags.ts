import { Flags } from '@oclif/core';
import * as v from 'valibot';
import { type TokenBudget, tokenBudgetSchema } from '../../agents/policy.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { AmountWords } from '../budgets/budget-flags.ts';

/** What a token may spend in its whole life: of `get`, `env` and `run`. */
export const tokenBudgetFlags = {
  usd: Flags.string({
    description: 'dollars it may spend at most',
    helpValue: '2',
    exclusive: ['tokens', 'requests'],
  }),
  tokens: Flags.string({
    description: 'tokens of all kinds it may use at most',
    helpValue: '500000',
    exclusive: ['usd', 'requests'],
  }),
  requests: Flags.string({
    description: 'answers it may get at most',
    helpValue: '100',
    exclusive: ['usd', 'tokens'],
  }),
  hard: Flags.boolean({
    description: 'refuse what might pass that amount at worst; without it, refuse once it is spent',
  }),
};

interface TokenBudgetWords extends AmountWords {
  readonly hard: boolean;
}

/** The budget that flags ask for; undefined for none. USAGE. */
export function tokenBudgetFrom({ usd, tokens, requests, hard }: TokenBudgetWords): TokenBudget | undefined {
  if (usd === undefined && tokens === undefined && requests === undefined) {
    if (hard) throw wrong('--hard is about an amount, and none was given.');
    return undefined;
  }
  const amount = {
    ...(usd !== undefined && { usd: numberFrom(usd) }),
    ...(tokens !== undefined && { tokens: numberFrom(tokens) }),
    ...(requests !== undefined && { requests: numberFrom(requests) }),
  };
  const budget = v.safeParse(tokenBudgetSchema, { ...amount, enforcement: hard ? 'hard' : 'soft' });
  if (budget.success) return budget.output;
  const [name] = Object.keys(amount);
  throw wrong(`--${name} takes ${name === 'usd' ? 'dollars, from 0.000001' : 'a whole number, from 1'}.`);
}

/** Digits and a point: neither `1e3` nor `0x10` nor nothing. */
function numberFrom(text: string): number {
  return /^\d{1,13}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
}

function wrong(message: string): MoltbotError {
  return new MoltbotError('USAGE', message, { hint: 'For example: --usd 2, --usd 0.50 --hard, or --tokens 500000' });
}
