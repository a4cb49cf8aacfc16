import { Secret } from '../../src/core/secret.ts';
import type { Credentials } from '../../src/profiles/credentials.ts';
import { originOf } from '../../src/profiles/origin-of.ts';
import type { CredentialType } from '../../src/providers/provider.ts';
import type { Family } from '../../src/simulator/script-schema.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';

export interface TestProfile {
  readonly name: string;
  readonly provider?: Family;
  readonly type?: CredentialType;
  readonly agentId?: string;
  readonly expiresAtMs?: number;
}

/** A configuration whose built-in providers are the simulator, unless it says otherwise. */
export function withSimulator(config: Record<string, unknown>, simulator: Simulator): Record<string, unknown> {
  const models = (config.models ?? {}) as { providers?: Record<string, object> };
  const providers: Record<string, object> = { ...models.providers };
  for (const family of ['anthropic', 'openai', 'xai'] as const) {
    providers[family] = { baseUrl: simulator.baseUrls[family], ...providers[family] };
  }
  return { ...config, models: { ...models, providers } };
}

/** Stores a profile with a key that the simulator knows by the profile's name. */
export async function storeProfile(
  credentials: Credentials,
  simulator: Simulator,
  given: string | TestProfile,
  nowMs: number,
): Promise<void> {
  const {
    name,
    provider = 'anthropic',
    type = 'api_key',
    agentId = 'main',
    expiresAtMs,
  }: TestProfile = typeof given === 'string' ? { name: given } : given;
  await credentials.save(
    {
      agentId,
      profileId: `${provider}:${name}`,
      provider,
      type,
      secret: new Secret(simulator.issueKey(provider, name, type)),
      origin: originOf(simulator.baseUrls[provider]),
      baseUrl: null,
      expiresAtMs: expiresAtMs ?? null,
      expiryAssumed: false,
    },
    nowMs,
  );
}
