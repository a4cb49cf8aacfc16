import { sendJson } from '../answer/send-json.ts';
import { type BrokerCall, ownOrigin } from './broker-call.ts';

/** `GET /.well-known/oauth-authorization-server` (RFC 8414, section 2). The issuer is the URL the client used. */
export function oauthMetadata(call: BrokerCall): void {
  const issuer = ownOrigin(call);
  sendJson(call.exchange, 200, {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    // `model:<provider/model>` narrows, too; there are too many to list.
    scopes_supported: [...call.gateway.providers().keys()].map((id) => `provider:${id}`),
  });
}
