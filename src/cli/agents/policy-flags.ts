import { Flags } from '@oclif/core';
import { canonicalModel } from '../../agents/decide.ts';
import { type Policy, ROUTE_NAMES } from '../../agents/policy.ts';
import type { App } from '../../app.ts';
import { formatModelRef, resolveModelRef } from '../../config/model-ref.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { findProvider } from '../../providers/registry.ts';

/** Takes a limit away again. */
const ANY = 'any';
const LARGEST_COUNT = 1_000_000;

/** What limits models, routes and pace, of an agent or of a token. Lists may be given with commas or several times. */
export const policyFlags = {
  models: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'only these models',
    helpValue: 'anthropic/claude-haiku-4-5',
  }),
  routes: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: `only these kinds of routes: ${ROUTE_NAMES.join(', ')}`,
  }),
  rpm: Flags.string({ description: 'requests a minute at most' }),
  concurrency: Flags.string({ description: 'requests under way at a time at most' }),
};

export interface PolicyWords {
  readonly can?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly routes?: readonly string[] | undefined;
  readonly rpm?: string | undefined;
  readonly concurrency?: string | undefined;
}

/**
 * The policy that flags ask for, over the one there is: what is not named stays, `any` takes a limit away.
 * PROVIDER_NOT_FOUND, MODEL_NOT_FOUND, USAGE.
 */
export function policyFrom(app: App, words: PolicyWords, before: Policy = {}): Policy {
  const limits = {
    providers: listFrom(words.can, before.providers, (id) => findProvider(app.providers(), id).id),
    models: listFrom(words.models, before.models, (text) => modelFrom(app, text)),
    routes: listFrom(words.routes, before.routes, routeFrom),
    requestsPerMinute: countFrom('--rpm', words.rpm, before.requestsPerMinute),
    concurrency: countFrom('--concurrency', words.concurrency, before.concurrency),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)) as Policy;
}

/** Whether any of these flags was given. */
export function asksForPolicy(words: PolicyWords): boolean {
  return [words.can, words.models, words.routes, words.rpm, words.concurrency].some((word) => word !== undefined);
}

function listFrom<T extends string>(
  words: readonly string[] | undefined,
  before: readonly T[] | undefined,
  read: (word: string) => T,
): T[] | undefined {
  if (words === undefined) return before && [...before];
  const names = words.flatMap((word) => word.split(',')).map((word) => word.trim());
  return names.includes(ANY) ? undefined : [...new Set(names.filter((name) => name !== '').map(read))];
}

function modelFrom(app: App, text: string): string {
  const { config } = app.config();
  const ref = text.endsWith('/*') ? undefined : resolveModelRef(config, text);
  const model = ref ? formatModelRef(ref) : canonicalModel(text);
  if (model !== undefined && app.providers().has(model.slice(0, model.indexOf('/')))) return model;
  throw new MoltbotError('MODEL_NOT_FOUND', `There is no model "${printable(text)}".`, {
    hint: 'See what there is: moltbot models list --all; all of a provider is "anthropic/*".',
  });
}

function routeFrom(text: string): (typeof ROUTE_NAMES)[number] {
  const route = ROUTE_NAMES.find((name) => name === text);
  if (route) return route;
  throw new MoltbotError('USAGE', `There are no routes for "${printable(text)}".`, {
    hint: `There are: ${ROUTE_NAMES.join(', ')}.`,
  });
}

function countFrom(flag: string, word: string | undefined, before: number | undefined): number | undefined {
  if (word === undefined) return before;
  if (word === ANY) return undefined;
  const count = /^[1-9]\d{0,6}$/.test(word) ? Number(word) : Number.NaN;
  if (count <= LARGEST_COUNT) return count;
  throw new MoltbotError('USAGE', `${flag} takes a number from 1 to ${LARGEST_COUNT}.`, {
    hint: `For example: ${flag} 20`,
  });
}
