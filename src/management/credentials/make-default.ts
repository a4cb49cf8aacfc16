import type { By } from '../../agents/change-agents.ts';
import { agentEdits } from '../../config/agent-edits.ts';
import { authOrderOf } from '../../config/agent-view.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import { servingId, servingRecords } from '../../profiles/serving-records.ts';
import { changeConfigFile } from '../edit-config.ts';
import type { Management } from '../management.ts';

/**
 * Puts a credential first in its agent's order. Where there was no order, all that may serve the agent follow: an order
 * leaves out what it does not name.
 */
export function makeDefault(management: Management, { agentId, profileId, provider }: Profile, by: By): void {
  const { profiles, grants } = management.stores;
  changeConfigFile(
    management,
    ({ config, raw }) => {
      const serving = servingRecords(profiles, grants, agentId).filter(({ profile }) => profile.provider === provider);
      const before = authOrderOf(config, agentId, provider);
      if (before?.[0] === profileId) return [];
      const others = (before ?? serving.map(servingId)).filter((id) => id !== profileId);
      const order = [profileId, ...others];
      return agentEdits(raw, agentId, ['auth', 'order', provider], order);
    },
    by,
  );
}
