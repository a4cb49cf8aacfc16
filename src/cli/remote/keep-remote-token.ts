import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { DAY_MS, SECOND_MS } from '../../core/time.ts';
import type { KeptToken } from '../run/kept-token.ts';
import { askToken, endRemote, renewRemote, type TokenWish } from './agent-calls.ts';
import { agentKeyOf, serverOf } from './enrolled-agent.ts';

/** After a sleep longer than this the token stays expired: the person starts the program again. */
const LONGEST_SLEEP_MS = DAY_MS;
const LOOK_EVERY_MS = 5 * SECOND_MS;

/**
 * A token of the gateway elsewhere that stays valid while this process lives: renewed with the agent key when half of its
 * time is over, and ended with the program. If this process is killed it dies by itself within ten minutes.
 */
export async function keepRemoteToken(
  app: App,
  enrolled: EnrolledAgent,
  grant: Omit<TokenWish, 'ttl'>,
  lookEveryMs: number = LOOK_EVERY_MS,
): Promise<KeptToken> {
  const server = serverOf(enrolled);
  const key = await agentKeyOf(app, enrolled);
  const { token, accessor } = await askToken(server, key, grant);
  // By this machine's clock: the two may differ.
  let expiresAtMs = app.now() + DEFAULT_TTL_MS;
  let isAsking = false;
  const look = async () => {
    const leftMs = expiresAtMs - app.now();
    if (isAsking || leftMs > DEFAULT_TTL_MS / 2 || leftMs < -LONGEST_SLEEP_MS) return;
    isAsking = true;
    try {
      await renewRemote(server, key, accessor);
      expiresAtMs = app.now() + DEFAULT_TTL_MS;
    } catch (error) {
      // The network is away just now; the next look comes long before the token ends.
      if (!isMoltbotError(error)) throw error;
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  return {
    token,
    accessor,
    end: async () => {
      clearInterval(timer);
      await endRemote(server, key, accessor).catch((error: unknown) => {
        // Gone or out of reach: the token ends by itself within its ten minutes.
        if (!isMoltbotError(error)) throw error;
      });
    },
  };
}
