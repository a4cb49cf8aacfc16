import type { Secret } from '../../core/secret.ts';
import type { Provider } from '../../providers/provider.ts';
import { clientBaseUrl } from './client-base-url.ts';

/** Where a client finds the gateway, and what it shows there. */
export interface ClientAccess {
  readonly gatewayUrl: string;
  readonly token: Secret;
  /** At most one per dialect: what the variables of that dialect's clients point at. */
  readonly providers: readonly Provider[];
}

/** The variables that Anthropic's and OpenAI's clients read. */
export function clientVariables({ gatewayUrl, token, providers }: ClientAccess): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const provider of providers) {
    const url = clientBaseUrl(gatewayUrl, provider);
    if (provider.dialect === 'anthropic') {
      variables.ANTHROPIC_BASE_URL = url;
      variables.ANTHROPIC_AUTH_TOKEN = token.reveal();
    } else {
      variables.OPENAI_BASE_URL = url;
      variables.OPENAI_API_KEY = token.reveal();
    }
  }
  return variables;
}
