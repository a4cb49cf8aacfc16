import { isMoltbotError } from '../../core/errors.ts';
import type { Credentials } from '../../profiles/credentials.ts';
import type { ProfileStore } from '../../profiles/profile-store.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/**
 * What is done once the listener is up: finish or undo what a crash left between database and vault, then read every
 * secret into memory, so that a keychain which locks again later stops nothing. A vault that does not open now is said
 * once; requests ask it again.
 */
export async function warmUp(
  gateway: GatewayParts,
  profiles: ProfileStore,
  credentials: () => Credentials,
): Promise<void> {
  if (profiles.list().length === 0 && profiles.unfinished().length === 0) return;
  try {
    for (const repair of await credentials().repair()) gateway.log.warn(repair, 'finished what a crash had left');
    await readSecrets(gateway, profiles);
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    gateway.log.error({ code: error.code }, error.message);
  }
}

async function readSecrets(gateway: GatewayParts, profiles: ProfileStore): Promise<void> {
  for (const { agentId, provider: providerId } of profiles.list()) {
    const provider = gateway.providers().get(providerId);
    if (!provider) continue;
    for (const profile of gateway.rosterOf(agentId, provider).profiles) await gateway.credentials.get(profile);
  }
}
