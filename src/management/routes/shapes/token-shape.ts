import * as v from 'valibot';
import type { AccessToken } from '../../../agents/token-store.ts';
import { policySchema } from './agent-shape.ts';

/** A token as it is listed: everything but the token. */
export const tokenSchema = v.strictObject({
  accessor: v.string(),
  agentId: v.string(),
  providers: v.nullable(v.array(v.string())),
  profileId: v.nullable(v.string()),
  policy: policySchema,
  usesLeft: v.nullable(v.number()),
  agentKeyId: v.nullable(v.string()),
  label: v.nullable(v.string()),
  createdAt: v.number(),
  expiresAt: v.number(),
  renewableUntil: v.nullable(v.number()),
});

export function shownToken(token: AccessToken): v.InferOutput<typeof tokenSchema> {
  const { accessor, agentId, profileId, policy, usesLeft, agentKeyId, label } = token;
  return {
    accessor,
    agentId,
    providers: token.providers && [...token.providers],
    profileId,
    policy,
    usesLeft,
    agentKeyId,
    label,
    createdAt: token.createdAtMs,
    expiresAt: token.expiresAtMs,
    renewableUntil: token.renewUntilMs,
  };
}
