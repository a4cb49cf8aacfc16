import type { CredentialType, Provider } from '../../providers/provider.ts';
import type { Find } from './find.ts';

/** What other tools call our built-in providers. */
const NAMES: Readonly<Record<string, string>> = {
  claude: 'anthropic',
  codex: 'openai',
  'openai-codex': 'openai',
  'x-ai': 'xai',
  grok: 'xai',
};

/** Prefixes that only one vendor gives out. */
const PREFIXES: readonly (readonly [pattern: RegExp, provider: string])[] = [
  [/^sk-ant-/, 'anthropic'],
  [/^xai-/, 'xai'],
];

/**
 * Whose credential it is: by the source's own name for the provider, else by the address it goes to, else by a prefix
 * that only one vendor gives out. Undefined: a provider that has to be defined first.
 */
export function chooseProvider(
  { provider, baseUrl }: Find,
  text: string,
  providers: ReadonlyMap<string, Provider>,
): Provider | undefined {
  const name = provider.toLowerCase();
  const byName = providers.get(NAMES[name] ?? name);
  if (byName) return byName;
  const origin = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl).origin : undefined;
  const byOrigin = [...providers.values()].find(
    (each) => origin !== undefined && [each.builtInOrigin, new URL(each.defaultBaseUrl).origin].includes(origin),
  );
  return byOrigin ?? providers.get(PREFIXES.find(([pattern]) => pattern.test(text))?.[1] ?? '');
}

/** Tools do not always tell an API key from a setup-token; its form does. */
export function typeOfCredential(provider: Provider, text: string, said: CredentialType): CredentialType {
  return provider.credentials.find(({ pattern }) => pattern.test(text))?.type ?? said;
}
