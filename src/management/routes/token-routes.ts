import * as v from 'valibot';
import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import { assertProvidersAllowed } from '../../agents/assert-providers-allowed.ts';
import { agentNotFound, type By } from '../../agents/change-agents.ts';
import { issueToken, revokeToken, revokeTokens } from '../../agents/change-tokens.ts';
import { tokenBudgetSchema } from '../../agents/policy.ts';
import { tokenTtlMs } from '../../agents/token-ttl.ts';
import { leftOfTokens } from '../../budgets/token-spent.ts';
import { MAIN_AGENT } from '../../core/ids.ts';
import { assertPinnable } from '../../profiles/assert-pinnable.ts';
import type { Management } from '../management.ts';
import { pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { liveTokensPage } from './live-tokens-page.ts';
import { policyInput } from './shapes/agent-shape.ts';
import { agentIdSchema, countSchema, plainText } from './shapes/ids.ts';
import { policyOf } from './shapes/policy-of.ts';
import { shownToken, tokenSchema } from './shapes/token-shape.ts';

const byAgent = v.strictObject({ id: agentIdSchema });
const { providers, ...limits } = policyInput.entries;
const tokenInput = v.strictObject({
  ttl: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => tokenTtlMs(text) !== undefined, 'Expected a time of 1 minute to 1 hour, as 90s, 30m or 1h'),
    ),
  ),
  providers,
  ...limits,
  budget: v.optional(tokenBudgetSchema),
  uses: v.optional(countSchema),
  label: v.optional(plainText(100)),
  /** The only profile that may serve. */
  profile: v.optional(plainText(200)),
});
const accessorSchema = v.pipe(v.string(), v.regex(/^acc_[0-9a-f]{20}$/, 'Expected an accessor'));

/** Access tokens, by accessor: the token itself is in the answer that made it and nowhere else. */
export const tokenRoutes = [
  route({
    method: 'GET',
    path: '/tokens',
    summary: 'List the tokens that are valid now, newest first.',
    role: 'admin',
    query: v.strictObject({ ...pageQuery, agent: v.optional(agentIdSchema) }),
    answers: { 200: pageOf(tokenSchema) },
    handle: ({ management, query, reply }) => reply(200, liveTokensPage(management, query, query.agent)),
  }),
  route({
    method: 'GET',
    path: '/agents/{id}/tokens',
    summary: 'List the tokens of an agent that are valid now, newest first.',
    role: 'admin',
    params: byAgent,
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(tokenSchema) },
    errors: [404],
    handle({ management, params, query, reply }) {
      if (!management.stores.agents.has(params.id)) throw agentNotFound(params.id);
      return reply(200, liveTokensPage(management, query, params.id));
    },
  }),
  route({
    method: 'POST',
    path: '/agents/{id}/tokens',
    summary: 'Make an access token for an agent; it can do no more than the agent.',
    role: 'admin',
    widens: ({ params }) => (params.id === MAIN_AGENT ? undefined : `make a token for the agent ${params.id}`),
    params: byAgent,
    body: tokenInput,
    badRequestFields: ['ttl'],
    answers: { 201: v.strictObject({ token: v.string(), ...tokenSchema.entries }) },
    errors: [400, 404],
    handle({ management, by, params, body, reply }) {
      const { token, record } = makeToken(management, params.id, body, by);
      return reply(201, {
        token: token.reveal(),
        ...shownToken(record, leftOfTokens(management.stores.database, [record])),
      });
    },
  }),
  route({
    method: 'POST',
    path: '/tokens/revoke',
    summary: 'End one token, those of an agent, or all of them, at once: running answers are cut.',
    role: 'admin',
    body: v.union(
      [
        v.strictObject({ accessor: accessorSchema }),
        v.strictObject({ agent: agentIdSchema }),
        v.strictObject({ all: v.literal(true) }),
      ],
      'Expected one of accessor, agent, or all: true',
    ),
    answers: { 200: v.strictObject({ revoked: v.number() }) },
    errors: [404],
    handle({ management: { stores }, by, body, reply }) {
      if ('accessor' in body) return reply(200, { revoked: revokeToken(stores, body.accessor, by) ? 1 : 0 });
      return reply(200, { revoked: revokeTokens(stores, 'agent' in body ? body.agent : undefined, by) });
    },
  }),
];

function makeToken(management: Management, agentId: string, body: v.InferOutput<typeof tokenInput>, by: By) {
  const { stores } = management;
  const { ttl, uses, label, profile, budget, ...limits } = body;
  const { providers, ...narrowed } = policyOf(management.providers(), limits);
  const policy = { ...narrowed, ...(budget && { budget }) };
  const agent = stores.agents.get(agentId);
  if (!agent) throw agentNotFound(agentId);
  assertProvidersAllowed(agent, providers ?? [], by.nowMs);
  if (profile !== undefined) assertPinnable(stores, management.providers(), agentId, profile);
  const ttlMs = ttl === undefined ? DEFAULT_TTL_MS : tokenTtlMs(ttl)!;
  return issueToken(stores, { agentId, providers, profileId: profile, policy, uses, label, ttlMs }, by);
}
