import type { Provider } from '../../providers/provider.ts';

/** The providers that the usual variables lead to when nobody names one: Anthropic's, and OpenAI's for its dialect. */
export function defaultClientProviders(providers: ReadonlyMap<string, Provider>): Provider[] {
  return ['anthropic', 'openai'].flatMap((id) => providers.get(id) ?? []);
}
