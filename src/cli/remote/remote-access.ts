import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import type { Provider } from '../../providers/provider.ts';
import { clientBaseUrl } from '../run/client-base-url.ts';
import { defaultClientProviders } from '../run/client-providers.ts';
import type { ClientAccess } from '../run/client-variables.ts';
import { askToken, type TokenWish } from './agent-calls.ts';
import { agentKeyOf, serverOf } from './enrolled-agent.ts';
import { trustVariables } from './trust-variables.ts';

/** A token of the gateway elsewhere for one provider, as `get` shows it. The base URL is the pinned server's own. */
export async function remoteAccess(
  app: App,
  enrolled: EnrolledAgent,
  provider: Provider,
  wish: Omit<TokenWish, 'providers'>,
) {
  const key = await agentKeyOf(app, enrolled);
  const got = await askToken(serverOf(enrolled), key, { ...wish, providers: [provider.id] });
  const { token, accessor, providers, expiresAt } = got;
  const { agentId } = enrolled;
  const baseUrl = clientBaseUrl(enrolled.serverUrl, provider);
  return { token: token.reveal(), accessor, agentId, providers, expiresAt, baseUrl };
}

/** What the variables of a shell are made of. */
export interface ShellAccess extends ClientAccess {
  readonly accessor: string;
  readonly expiresAt: number;
  /** Further variables, for the certificate of a gateway elsewhere. */
  readonly trust: Readonly<Record<string, string>>;
}

/** The same for a shell: a token for all that the agent may use there. */
export async function remoteEnv(app: App, enrolled: EnrolledAgent, wish: TokenWish): Promise<ShellAccess> {
  const key = await agentKeyOf(app, enrolled);
  const { token, accessor, expiresAt } = await askToken(serverOf(enrolled), key, { ...wish, label: 'env' });
  const providers = defaultClientProviders(app.providers());
  return {
    gatewayUrl: enrolled.serverUrl,
    token,
    providers,
    accessor,
    expiresAt,
    trust: await trustVariables(app, enrolled),
  };
}
