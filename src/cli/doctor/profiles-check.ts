import { printable } from '../../core/text.ts';
import { DAY_MS, formatDuration, formatTime } from '../../core/time.ts';
import { type FormerAdminCredential, formerAdminCredentials } from '../../profiles/former-admin-credentials.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { agentOption } from '../../rotation/messages.ts';
import { EXPIRY_WARNING_MS, isRotateDue } from '../../status/profile-status.ts';
import type { DoctorContext, Finding } from './finding.ts';

const UNUSED_MS = 90 * DAY_MS;

/** Credentials that have expired, will soon, are old, were stored by somebody who left, or that nobody uses. */
export function checkProfiles({ app }: DoctorContext): Finding[] {
  const stores = app.storesForReading();
  const profiles = stores?.profiles.list() ?? [];
  const findings = [
    ...profiles.flatMap((profile) => findingsOn(profile, app.now())),
    ...(stores ? formerAdminCredentials(stores.database).map(storedByFormerAdmin) : []),
  ];
  if (findings.length > 0) return findings;
  const message =
    profiles.length === 0
      ? 'No credentials are stored yet.'
      : `Stored credentials: ${profiles.length}, none expired, old or unused.`;
  return [{ check: 'profiles', level: 'ok', message }];
}

function findingsOn(profile: Profile, nowMs: number): Finding[] {
  const { profileId, agentId, expiresAtMs, lastUsedAtMs } = profile;
  const name = `${profileId} of agent ${agentId}`;
  const option = agentOption(agentId);
  const findings: Finding[] = [];
  if (expiresAtMs !== null && expiresAtMs - nowMs <= EXPIRY_WARNING_MS) {
    const isExpired = expiresAtMs <= nowMs;
    findings.push({
      check: 'profiles',
      level: isExpired ? 'problem' : 'warning',
      message: isExpired
        ? `${name} expired at ${formatTime(expiresAtMs)}.`
        : `${name} expires in ${formatDuration(expiresAtMs - nowMs)}.`,
      remedy: `Replace it: moltbot models auth add --profile-id ${profileId}${option}`,
      ...(isExpired && { exitCode: 1 }),
    });
  }
  if (isRotateDue(profile, nowMs)) {
    findings.push({
      check: 'profiles',
      level: 'warning',
      message: `The credential of ${name} is older than 90 days.`,
      remedy: `Make a new one at the provider, then: moltbot models auth replace ${profileId}${option}`,
    });
  }
  const lastSeenMs = lastUsedAtMs ?? profile.replacedAtMs ?? profile.createdAtMs;
  if (nowMs - lastSeenMs >= UNUSED_MS) {
    findings.push({
      check: 'profiles',
      level: 'warning',
      message: `${name} has not been used for ${Math.floor((nowMs - lastSeenMs) / DAY_MS)} days.`,
      remedy: `If nobody needs it: moltbot models auth remove ${profileId}${option}`,
    });
  }
  return findings;
}

function storedByFormerAdmin({ agentId, profileId, adminKeyId, label }: FormerAdminCredential): Finding {
  return {
    check: 'profiles',
    level: 'warning',
    message: `The credential of ${profileId} of agent ${agentId} was stored with the admin key ${adminKeyId} (${printable(label)}), which was revoked: whoever had it may know the credential.`,
    remedy: `Make a new one at the provider, then: moltbot models auth replace ${profileId}${agentOption(agentId)}`,
  };
}
