import type { Reserved } from '../../budgets/estimate.ts';
import type { Admission } from '../../ledger/ledger-row.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { ServingProfile } from '../choose/roster.ts';
import { labelsOf } from '../headers/labels.ts';
import type { ModelSettings } from './attempt.ts';

/** Names of models are short; what a client makes of the field may not be. */
const LONGEST_MODEL = 200;

/** What the ledger is told before an attempt goes out. */
export function admissionOf(
  { exchange, agentId, token, session, route, facts, rawHeaders }: ProxyRequest,
  profile: ServingProfile,
  { wireModel }: ModelSettings,
  reserved: Reserved,
  nowMs: number,
): Admission {
  const model = facts.model?.slice(0, LONGEST_MODEL);
  return {
    requestId: exchange.requestId,
    attempt: exchange.attempts,
    admittedAtMs: nowMs,
    agentId,
    accessor: token.accessor,
    session,
    profileAgentId: profile.agentId,
    profileId: profile.profileId,
    provider: profile.provider.id,
    route: route.path,
    modelAsked: model ?? null,
    modelServed: wireModel ?? model ?? null,
    isStream: facts.stream,
    labels: labelsOf(rawHeaders),
    isSubscription: profile.type === 'token',
    tokenLabel: token.label,
    ...reserved,
  };
}
