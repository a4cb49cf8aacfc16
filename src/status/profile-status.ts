import { DAY_MS } from '../core/time.ts';
import type { Roster, ServingProfile } from '../gateway/choose/roster.ts';
import type { ProfileLimits } from '../profiles/limit-store.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { type ServingRecord, servingId } from '../profiles/serving-records.ts';
import type { Provider } from '../providers/provider.ts';
import type { Limit } from '../rotation/limits.ts';
import type { ProfileStatus } from './models-status.ts';
import { tryingOrder } from './provider-status.ts';
import { isFromConfig, type StatusFacts } from './status-facts.ts';

/** From here on a person is warned. */
export const EXPIRY_WARNING_MS = 14 * DAY_MS;
const ROTATE_AFTER_MS = 90 * DAY_MS;

/** The profiles of one provider, in the order in which they would be tried; those that are left out come last. */
export function profileStatuses(facts: StatusFacts, provider: Provider, roster: Roster): ProfileStatus[] {
  const order = tryingOrder(facts, provider, roster);
  const placeOf = (id: string) => (order.includes(id) ? order.indexOf(id) + 1 : null);
  return roster.profiles
    .filter(({ source }) => source !== 'none')
    .map((serving) => {
      const stored = facts.records.find((record) => servingId(record) === serving.id);
      return stored ? storedStatus(facts, stored, placeOf(serving.id)) : keyStatus(facts, serving, placeOf(serving.id));
    })
    .sort((a, b) => (a.order ?? Number.MAX_VALUE) - (b.order ?? Number.MAX_VALUE));
}

function storedStatus(
  { grants, limits, nowMs }: StatusFacts,
  record: ServingRecord,
  order: number | null,
): ProfileStatus {
  const { profile, grant } = record;
  const grantedTo = grant ? [] : grants.filter(({ profileId }) => profileId === profile.profileId);
  const { expiresAtMs } = profile;
  return {
    profileId: servingId(record),
    provider: profile.provider,
    type: profile.type,
    label: profile.label,
    source: grant ? 'grant' : 'own',
    ...(grant && { grantedBy: profile.agentId, models: grant.models, requestsPerMinute: grant.requestsPerMinute }),
    ...(grantedTo.length > 0 && { grantedTo: grantedTo.map(({ agentId }) => agentId) }),
    ...(profile.baseUrl !== null && { baseUrl: profile.baseUrl }),
    createdAt: profile.createdAtMs,
    ...(profile.lastUsedAtMs !== null && { lastUsedAt: profile.lastUsedAtMs }),
    ...(expiresAtMs !== null && { expiresAt: expiresAtMs, remainingMs: Math.max(0, expiresAtMs - nowMs) }),
    ...(profile.expiryAssumed && { expiryAssumed: true as const }),
    status: expiryStatus(expiresAtMs, nowMs),
    rotateDue: isRotateDue(profile, nowMs),
    order,
    limits: limitsOf(limits, profile),
  };
}

/** A key in the environment: known by its name only. */
function keyStatus(facts: StatusFacts, serving: ServingProfile, order: number | null): ProfileStatus {
  const name = facts.environment.get(serving.provider.id)?.name ?? '';
  return {
    profileId: serving.id,
    provider: serving.provider.id,
    type: serving.type,
    label: name,
    source: isFromConfig(facts, name) ? 'config' : 'env',
    seenBy: facts.seenBy,
    createdAt: null,
    status: 'static',
    rotateDue: false,
    order,
    limits: [],
  };
}

/** What was heard of the credential that is there now: the one before it may have been another account's. */
export function limitsOf(limits: readonly ProfileLimits[], profile: Profile): Limit[] {
  const own = limits.filter((each) => each.agentId === profile.agentId && each.profileId === profile.profileId);
  return own.flatMap((each) => each.limits).filter(({ seenAtMs }) => seenAtMs >= (profile.replacedAtMs ?? 0));
}

/** Whether a person is reminded to replace it. */
export function isRotateDue({ replacedAtMs, createdAtMs }: Profile, nowMs: number): boolean {
  return nowMs - (replacedAtMs ?? createdAtMs) >= ROTATE_AFTER_MS;
}

function expiryStatus(expiresAtMs: number | null, nowMs: number): ProfileStatus['status'] {
  if (expiresAtMs === null) return 'static';
  if (expiresAtMs <= nowMs) return 'expired';
  return expiresAtMs - nowMs <= EXPIRY_WARNING_MS ? 'expiring' : 'ok';
}
