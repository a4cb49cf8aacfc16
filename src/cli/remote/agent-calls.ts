import * as v from 'valibot';
import type { TokenPolicy } from '../../agents/policy.ts';
import { Secret } from '../../core/secret.ts';
import { callServer, type PinnedServer } from './call-server.ts';

const ours = (prefix: string) => v.pipe(v.string(), v.regex(new RegExp(`^${prefix}_[0-9A-Za-z]{49}$`)));
const secret = (prefix: string) =>
  v.pipe(
    ours(prefix),
    v.transform((text) => new Secret(text)),
  );
const atMs = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
const id = (prefix: string) => v.pipe(v.string(), v.regex(new RegExp(`^${prefix}_[0-9a-f]{20}$`)));
const agentId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/));
const providers = v.nullable(v.pipe(v.array(agentId), v.maxLength(100)));

const askedShape = v.object({
  id: id('enr'),
  code: v.pipe(v.string(), v.regex(/^[A-Z]{4}-[A-Z]{4}$/)),
  pollToken: secret('mbp'),
  expiresAt: atMs,
});
const decisionShape = v.variant('state', [
  v.object({ state: v.picklist(['pending', 'denied', 'collected']) }),
  v.object({ state: v.literal('approved'), agentId, providers, agentKey: secret('mba') }),
]);
const accessShape = v.object({ accessor: id('acc'), agentId, providers, expiresAt: atMs });
const tokenShape = v.object({ ...accessShape.entries, token: secret('mbt') });
const endedShape = v.object({ agentId, tokens: v.number(), keys: v.number(), removed: v.boolean() });

export type AskedEnrollment = v.InferOutput<typeof askedShape>;
export type Decision = v.InferOutput<typeof decisionShape>;
export type RemoteToken = v.InferOutput<typeof tokenShape>;

/** What a token is asked for with; limits as in a policy. */
export interface TokenWish extends Omit<TokenPolicy, 'providers'> {
  /** `30m` */
  readonly ttl?: string | undefined;
  readonly providers?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly label?: string | undefined;
  readonly uses?: number | undefined;
}

export interface EnrollmentWish {
  readonly name: string;
  readonly providers: readonly string[];
  readonly models?: readonly string[] | undefined;
  readonly reason?: string | undefined;
}

export function askToEnroll(server: PinnedServer, body: EnrollmentWish): Promise<AskedEnrollment> {
  return callServer(server, { method: 'POST', path: '/v1/enrollments', body }, askedShape);
}

export function askDecision(server: PinnedServer, enrollmentId: string, pollToken: Secret): Promise<Decision> {
  const path = `/v1/enrollments/${enrollmentId}`;
  return callServer(server, { method: 'GET', path, secret: pollToken }, decisionShape);
}

export function askToken(server: PinnedServer, agentKey: Secret, body: TokenWish): Promise<RemoteToken> {
  return callServer(server, { method: 'POST', path: '/v1/tokens', secret: agentKey, body }, tokenShape);
}

/** Gives the new expiry. */
export async function renewRemote(server: PinnedServer, agentKey: Secret, accessor: string): Promise<number> {
  const path = `/v1/tokens/${accessor}/renew`;
  const sent = { method: 'POST', path, secret: agentKey, body: {} } as const;
  return (await callServer(server, sent, accessShape)).expiresAt;
}

export async function endRemote(server: PinnedServer, agentKey: Secret, accessor: string): Promise<void> {
  const path = `/v1/tokens/${accessor}`;
  await callServer(server, { method: 'DELETE', path, secret: agentKey }, v.object({ accessor: id('acc') }));
}

/** Ends the agent there: its keys and its tokens. */
export function unenrollThere(server: PinnedServer, agentKey: Secret): Promise<v.InferOutput<typeof endedShape>> {
  return callServer(server, { method: 'POST', path: '/v1/unenroll', secret: agentKey }, endedShape);
}
