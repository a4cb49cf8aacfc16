import { MoltbotError } from '../../core/errors.ts';
import type { Exchange } from '../exchange.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { checkContentType } from '../headers/hygiene.ts';
import type { BrokerCall } from './broker-call.ts';
import { askForEnrollment, showEnrollment } from './enrollments.ts';
import { issueAccessToken } from './issue-token.ts';
import { oauthMetadata } from './oauth-metadata.ts';
import { oauthToken } from './oauth-token.ts';
import { endAccessToken, renewAccessToken } from './own-tokens.ts';
import { unenroll } from './unenroll.ts';

interface BrokerRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Its one group, where it has one, is the id. */
  readonly path: RegExp;
  /** For the record of a refusal, where ids would be noise. */
  readonly name: string;
  readonly body: 'json' | 'form' | 'none';
  readonly serve: (call: BrokerCall) => Promise<void> | void;
}

/** What agents ask about themselves: tokens, enrolment, the end. Everything here answers with JSON. */
// biome-ignore format: a table reads better in lines
export const BROKER_ROUTES: readonly BrokerRoute[] = [
  { method: 'POST', path: /^\/v1\/tokens$/, name: '/v1/tokens', body: 'json', serve: issueAccessToken },
  { method: 'POST', path: /^\/v1\/tokens\/([^/]+)\/renew$/, name: '/v1/tokens/{id}/renew', body: 'json', serve: renewAccessToken },
  { method: 'DELETE', path: /^\/v1\/tokens\/([^/]+)$/, name: '/v1/tokens/{id}', body: 'none', serve: endAccessToken },
  { method: 'POST', path: /^\/v1\/enrollments$/, name: '/v1/enrollments', body: 'json', serve: askForEnrollment },
  { method: 'GET', path: /^\/v1\/enrollments\/([^/]+)$/, name: '/v1/enrollments/{id}', body: 'none', serve: showEnrollment },
  { method: 'POST', path: /^\/v1\/unenroll$/, name: '/v1/unenroll', body: 'none', serve: unenroll },
  { method: 'POST', path: /^\/oauth\/token$/, name: '/oauth/token', body: 'form', serve: oauthToken },
  { method: 'GET', path: /^\/\.well-known\/oauth-authorization-server$/, name: '/.well-known/oauth-authorization-server', body: 'none', serve: oauthMetadata },
];

/** Serves a route of the broker; false when the path is none of them. METHOD_NOT_ALLOWED, WRONG_CONTENT_TYPE. */
export async function serveBroker(gateway: GatewayParts, exchange: Exchange, path: string): Promise<boolean> {
  const atPath = BROKER_ROUTES.filter((route) => route.path.test(path));
  if (atPath.length === 0) return false;
  const route = atPath.find(({ method }) => method === exchange.request.method);
  exchange.routePath = atPath[0]!.name;
  if (!route) throw otherMethod(atPath.map(({ method }) => method));
  checkContentType(exchange.request.rawHeaders, route.body);
  await route.serve({ gateway, exchange, id: route.path.exec(path)![1] ?? '' });
  return true;
}

function otherMethod(methods: readonly string[]): MoltbotError {
  return new MoltbotError('METHOD_NOT_ALLOWED', 'This route does not serve that method.', {
    hint: `Use ${methods.join(' or ')}.`,
  });
}
