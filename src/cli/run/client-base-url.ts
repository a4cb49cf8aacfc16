import type { Provider } from '../../providers/provider.ts';

/**
 * What a client of that provider is told as its base URL: Anthropic's clients add `/v1` themselves, clients of the
 * OpenAI dialect expect it to be there.
 */
export function clientBaseUrl(gatewayUrl: string, provider: Pick<Provider, 'id' | 'dialect'>): string {
  const base = `${gatewayUrl.replace(/\/+$/, '')}/v1/proxy/${provider.id}`;
  return provider.dialect === 'anthropic' ? base : `${base}/v1`;
}
