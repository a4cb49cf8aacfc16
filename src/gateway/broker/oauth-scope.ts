import { canonicalModel } from '../../agents/decide.ts';
import type { Policy } from '../../agents/policy.ts';
import { isProviderId } from '../../core/ids.ts';
import { OAuthError } from './oauth-error.ts';

/** What a scope narrows a token to; a list that is left out narrows nothing. */
export interface Scope {
  readonly providers?: string[] | undefined;
  readonly models?: string[] | undefined;
}

/** Characters of one scope (RFC 6749, section 3.3), without the quote and the backslash. */
const MODEL = /^[!#-[\]-~]{1,200}$/;
const MOST_SCOPES = 100;

/** `provider:anthropic model:anthropic/claude-haiku-4-5`; anything else is `invalid_scope`, never ignored. */
export function parseScope(text: string | undefined): Scope {
  const words = (text ?? '').split(' ').filter((word) => word !== '');
  if (words.length > MOST_SCOPES) throw invalidScope();
  const providers: string[] = [];
  const models: string[] = [];
  for (const word of words) {
    const colon = word.indexOf(':');
    const [kind, value] = [word.slice(0, colon), word.slice(colon + 1)];
    if (kind === 'provider' && isProviderId(value)) providers.push(value);
    else if (kind === 'model' && MODEL.test(value) && canonicalModel(value) !== undefined) models.push(value);
    else throw invalidScope();
  }
  return { ...(providers.length > 0 && { providers }), ...(models.length > 0 && { models }) };
}

export function scopeText({ providers = [], models = [] }: Pick<Policy, 'providers' | 'models'>): string {
  return [...providers.map((id) => `provider:${id}`), ...models.map((model) => `model:${model}`)].join(' ');
}

export function invalidScope(message = 'A scope is provider:<id> or model:<provider/model>.'): OAuthError {
  return new OAuthError('invalid_scope', message);
}
