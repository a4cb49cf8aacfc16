import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import type { RunSession } from '../run/session.ts';
import { keepRemoteToken } from './keep-remote-token.ts';
import { trustVariables } from './trust-variables.ts';

/** What is different about a program that works through a gateway elsewhere. */
export async function remoteSession(
  app: App,
  enrolled: EnrolledAgent,
): Promise<Pick<RunSession, 'gatewayUrl' | 'keep' | 'variables'>> {
  return {
    gatewayUrl: enrolled.serverUrl,
    keep: ({ providers, policy, label }) => keepRemoteToken(app, enrolled, { providers, label, ...policy }),
    variables: await trustVariables(app, enrolled),
  };
}
