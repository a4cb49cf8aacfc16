import type { By } from '../agents/change-agents.ts';
import { normalizeModel } from '../catalog/models.ts';
import type { CooldownConfig } from '../config/schema.ts';
import { applyTest } from './apply-test.ts';
import { type HealthBooks, noteReset } from './reset-profile.ts';
import type { TestCallResult } from './test-call.ts';

/**
 * Writes down what a test call says about a stored profile (see `applyTest`). A pass that clears a state is a decision of
 * whoever asked for the test, so it is in the audit.
 */
export function noteTest(
  books: HealthBooks,
  profile: { readonly agentId: string; readonly profileId: string; readonly provider: string },
  result: TestCallResult,
  { config, by }: { readonly config: CooldownConfig; readonly by: By },
): void {
  const model = normalizeModel(profile.provider, result.model);
  books.database.transaction(() => {
    const cleared = applyTest(books.health, profile, result, { model, config });
    if (cleared > 0) noteReset(books.audit, profile, { cleared, because: 'test passed' }, by);
  });
}
