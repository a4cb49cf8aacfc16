import type { Database } from '../database/database.ts';

/** What one credential was used for, by agent and model. */
export interface ProfileUses {
  readonly agentId: string;
  /** As it went upstream; null where a request names none. */
  readonly model: string | null;
  /** Attempts that were let out to the provider. */
  readonly requests: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** Everything a profile, by its owner, was used for since then; the busiest first. */
export function profileUses(
  database: Database,
  { agentId, profileId }: { readonly agentId: string; readonly profileId: string },
  sinceMs: number,
): ProfileUses[] {
  return database.all<ProfileUses & Record<string, string | number>>(
    `SELECT agent_id AS agentId, model_served AS model, count(*) AS requests, min(admitted_at_ms) AS firstAtMs,
       max(admitted_at_ms) AS lastAtMs
     FROM ledger WHERE profile_agent_id = ? AND profile_id = ? AND admitted_at_ms >= ?
     GROUP BY agent_id, model_served ORDER BY requests DESC, agentId, model`,
    agentId,
    profileId,
    sinceMs,
  );
}
