import { MoltbotError } from '../core/errors.ts';
import { parseServingId } from '../core/ids.ts';
import type { Provider } from '../providers/provider.ts';
import { findProvider } from '../providers/registry.ts';
import { assertServes, type ServingStores } from './assert-serves.ts';

/**
 * A token may be pinned to `anthropic:work` or `main/anthropic:work` where that serves its agent. USAGE for what is
 * neither, PROVIDER_NOT_FOUND, PROFILE_NOT_FOUND.
 */
export function assertPinnable(
  stores: ServingStores,
  providers: ReadonlyMap<string, Provider>,
  agentId: string,
  profile: string,
): void {
  const { provider } = parseServingId(profile);
  if (provider === '') throw new MoltbotError('USAGE', 'The field profile does not name a profile.');
  assertServes(stores, agentId, findProvider(providers, provider), profile);
}
