import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import type { Provider } from '../../providers/provider.ts';
import { clientBaseUrl } from '../run/client-base-url.ts';
import { askToken, type TokenWish } from './agent-calls.ts';
import { agentKeyOf, serverOf } from './enrolled-agent.ts';

/** A token of the gateway elsewhere for one provider, as `get` shows it. The base URL is the pinned server's own. */
export async function remoteAccess(
  app: App,
  enrolled: EnrolledAgent,
  provider: Provider,
  wish: Pick<TokenWish, 'ttl' | 'profile'>,
) {
  const key = await agentKeyOf(app, enrolled);
  const got = await askToken(serverOf(enrolled), key, { ...wish, providers: [provider.id] });
  const { token, accessor, providers, expiresAt } = got;
  const { agentId } = enrolled;
  const baseUrl = clientBaseUrl(enrolled.serverUrl, provider);
  return { token: token.reveal(), accessor, agentId, providers, expiresAt, baseUrl };
}
