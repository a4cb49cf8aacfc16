import type { HeaderValue } from '../../config/schema.ts';
import { OAUTH_BETA } from '../../providers/anthropic.ts';
import type { CredentialType, Dialect } from '../../providers/provider.ts';
import { listOf } from '../headers/raw-headers.ts';

/**
 * The betas this product adds: a provider's own on API-key requests (`betas: []` removes them), the one a token needs on
 * token requests. The cache beta is not added for tokens: Claude Code sends it itself.
 */
export function ownBetas(
  dialect: Dialect,
  credential: CredentialType,
  providerBetas: readonly string[],
): readonly string[] {
  if (dialect !== 'anthropic') return [];
  return credential === 'token' ? [OAUTH_BETA] : providerBetas;
}

/**
 * The `anthropic-beta` values that go upstream, each once: the client's in order (the header may repeat), then a
 * person's, then ours. `{ replace }` drops the client's, never ours. Undefined: leave the client's headers as they are.
 */
export function mergeBetas(
  client: readonly string[],
  own: readonly string[],
  override: HeaderValue | undefined,
): string | undefined {
  const replaces = typeof override === 'object';
  const sent = replaces ? [] : listOf(client);
  const merged = new Set(sent);
  const added = listOf(override === undefined ? [] : [replaces ? override.replace : (override as string)]);
  for (const beta of [...added, ...own]) merged.add(beta);
  const isUnchanged = !replaces && merged.size === new Set(sent).size;
  return isUnchanged ? undefined : [...merged].join(',');
}
