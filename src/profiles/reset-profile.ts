import type { By } from '../agents/change-agents.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { grantedId } from '../core/ids.ts';
import type { Database } from '../database/database.ts';
import type { HealthStore } from './health-store.ts';

/** Health and the record of who changed it by hand. */
export interface HealthBooks {
  readonly database: Database;
  readonly health: HealthStore;
  readonly audit: AuditLog;
}

/** Clears every cooldown and disabled state of a profile, because a person says so. Gives the number of states. */
export function resetProfile(books: HealthBooks, agentId: string, profileId: string, by: By): number {
  return books.database.transaction(() => {
    const cleared = books.health.clearAll(agentId, profileId);
    if (cleared > 0) noteReset(books.audit, { agentId, profileId }, { cleared, because: 'person' }, by);
    return cleared;
  });
}

/** Writes down that states were cleared, by hand or by a test that passed. */
export function noteReset(
  audit: AuditLog,
  { agentId, profileId }: { readonly agentId: string; readonly profileId: string },
  detail: { readonly cleared: number; readonly because: 'person' | 'test passed' },
  { actor, nowMs }: By,
): void {
  audit.append({ actor, action: 'credential.reset', subject: grantedId(agentId, profileId), detail }, nowMs);
}
