import type { By } from '../agents/change-agents.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { grantedId } from '../core/ids.ts';
import type { Database } from '../database/database.ts';
import type { Profile, ProfileStore } from './profile-store.ts';

/** Profiles and the record of who changed them. */
export interface ProfileBooks {
  readonly database: Database;
  readonly profiles: ProfileStore;
  readonly audit: AuditLog;
}

/** What is known of a credential beside its secret. Undefined stays as it is. */
export interface ProfileChange {
  /** Of the same origin: another one needs the secret again. */
  readonly baseUrl?: string | null | undefined;
  readonly expiresAtMs?: number | null | undefined;
}

/** Changes what is known of a stored credential, and says so in the audit. */
export function changeProfile(
  books: ProfileBooks,
  profile: Profile,
  change: ProfileChange,
  { actor, nowMs }: By,
): void {
  const { baseUrl = profile.baseUrl, expiresAtMs = profile.expiresAtMs } = change;
  const subject = grantedId(profile.agentId, profile.profileId);
  books.database.transaction(() => {
    books.profiles.change(profile.agentId, profile.profileId, { baseUrl, expiresAtMs });
    books.audit.append({ actor, action: 'credential.changed', subject, detail: { baseUrl, expiresAtMs } }, nowMs);
  });
}
