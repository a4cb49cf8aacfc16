import type { Config } from '../config/schema.ts';
import { MoltbotError } from '../core/errors.ts';
import { nearest, printable } from '../core/text.ts';
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import { ownProvider } from './own-provider.ts';
import type { Provider } from './provider.ts';
import { allowedRoutes } from './routes.ts';
import { xai } from './xai.ts';

const BUILT_IN: readonly Provider[] = [anthropic, openai, xai];

export function isBuiltIn(id: string): boolean {
  return BUILT_IN.some((provider) => provider.id === id);
}

/** The built-in providers with a person's settings over them, then the ones a person defined, by id. */
export function providersOf(config: Config): ReadonlyMap<string, Provider> {
  const providers = new Map<string, Provider>();
  for (const provider of BUILT_IN) providers.set(provider.id, withSettings(provider, config));
  for (const [id, settings] of Object.entries(config.models.providers)) {
    if (!providers.has(id)) providers.set(id, ownProvider(id, settings));
  }
  return providers;
}

export function findProvider(providers: ReadonlyMap<string, Provider>, id: string): Provider {
  const provider = providers.get(id);
  if (provider) return provider;
  const guess = nearest(id, [...providers.keys()]);
  throw new MoltbotError('PROVIDER_NOT_FOUND', `There is no provider "${printable(id)}".`, {
    hint: guess
      ? `Did you mean "${guess}"? See: moltbot backend list`
      : `Known: ${[...providers.keys()].join(', ')}. Define another: moltbot backend add --help`,
  });
}

function withSettings(provider: Provider, config: Config): Provider {
  const settings = config.models.providers[provider.id];
  if (!settings) return provider;
  const testCall = provider.testCall && { ...provider.testCall, model: settings.testModel ?? provider.testCall.model };
  return {
    ...provider,
    testCall,
    defaultBaseUrl: settings.baseUrl ?? provider.defaultBaseUrl,
    betas: settings.betas ?? provider.betas,
    headers: settings.headers ?? {},
    allowPrivateNetwork: settings.allowPrivateNetwork ?? false,
    routes: [...provider.routes, ...allowedRoutes(settings.allowRoutes ?? [])],
  };
}
