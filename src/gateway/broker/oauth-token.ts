import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import { narrowest } from '../../agents/narrowest.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { SECOND_MS } from '../../core/time.ts';
import { readShortBody } from '../admit/read-body.ts';
import { closeAfterBody } from '../answer/close-after-body.ts';
import { noteRefusal } from '../answer/note-refusal.ts';
import { NO_STORE, sendJson } from '../answer/send-json.ts';
import { askingAgent } from './asking-agent.ts';
import type { BrokerCall } from './broker-call.ts';
import { giveToken } from './issue-token.ts';
import { authenticateClient } from './oauth-client.ts';
import { OAuthError, oauthAnswerOf } from './oauth-error.ts';
import { readForm } from './oauth-form.ts';
import { invalidScope, parseScope, scopeText } from './oauth-scope.ts';

/**
 * `POST /oauth/token`: client credentials (RFC 6749, section 4.4) buy an access token of ours. `scope` narrows it:
 * `provider:<id>` and `model:<provider/model>`, each as often as wanted; without one it is for all the agent may use.
 * Errors are those of section 5.2.
 */
export async function oauthToken(call: BrokerCall): Promise<void> {
  const { gateway, exchange } = call;
  try {
    const form = readForm(await readShortBody(exchange));
    const key = authenticateClient(call, form);
    if (form.get('grant_type') !== 'client_credentials') {
      throw new OAuthError('unsupported_grant_type', 'Only client_credentials is served.');
    }
    const agent = askingAgent(gateway, key.agentId);
    const { providers, models } = parseScope(form.get('scope'));
    const narrowed = narrowest(agent.policy, { ...(providers && { providers }), ...(models && { models }) });
    if (models && narrowed.models?.length === 0) throw invalidScope('None of these models may be used.');
    const grant = { providers, policy: models && { models }, label: 'oauth', ttlMs: DEFAULT_TTL_MS };
    const { token, record } = giveToken(gateway, key, agent, grant);
    const scope = scopeText(narrowed);
    const answer = { access_token: token.reveal(), token_type: 'Bearer', expires_in: DEFAULT_TTL_MS / SECOND_MS };
    sendJson(exchange, 200, { ...answer, ...(scope && { scope }), accessor: record.accessor }, HEADERS);
  } catch (error) {
    refuse(call, error);
  }
}

/** RFC 6749, section 5.1. */
const HEADERS = { ...NO_STORE, pragma: 'no-cache' };

function refuse({ gateway, exchange }: BrokerCall, error: unknown): void {
  if (!isMoltbotError(error)) throw error;
  noteRefusal(gateway, exchange, error);
  const { status, error: code, description } = oauthAnswerOf(error);
  closeAfterBody(exchange.request, exchange.response);
  sendJson(
    exchange,
    status,
    { error: code, error_description: description },
    {
      ...HEADERS,
      ...(status === 401 && { 'www-authenticate': 'Basic realm="moltbot"' }),
      'x-moltbot-error': error.code,
      'x-should-retry': 'false',
    },
  );
}
