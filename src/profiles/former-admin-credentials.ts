import type { Database } from '../database/database.ts';

/** A credential that is still in use and was stored with an admin key that has been revoked. */
export interface FormerAdminCredential {
  readonly agentId: string;
  readonly profileId: string;
  readonly adminKeyId: string;
  /** What the admin key was called. */
  readonly label: string;
}

/**
 * What somebody who left has typed in, and may therefore know: read off the audit, until each is replaced. A profile that
 * was renamed since is not found.
 */
export function formerAdminCredentials(database: Database, adminKeyId?: string): FormerAdminCredential[] {
  return database.all<FormerAdminCredential & Record<string, string>>(
    `SELECT DISTINCT profiles.agent_id AS agentId, profiles.profile_id AS profileId, admin_keys.id AS adminKeyId,
       admin_keys.label
     FROM admin_keys
     JOIN audit ON audit.actor = 'admin:' || admin_keys.id
       AND audit.action IN ('credential.stored', 'credential.replaced')
     JOIN profiles ON profiles.agent_id || '/' || profiles.profile_id = audit.subject
       AND profiles.generation = audit.detail ->> 'generation' AND profiles.state = 'active'
     WHERE admin_keys.revoked_at_ms IS NOT NULL AND (?1 IS NULL OR admin_keys.id = ?1)
     ORDER BY agentId, profileId`,
    adminKeyId ?? null,
  );
}
