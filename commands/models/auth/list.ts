import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand, jsonList, table } from '../../../src/cli/base-command.ts';
import { formatTime } from '../../../src/core/time.ts';
import { findProvider } from '../../../src/providers/registry.ts';
import { agentOption } from '../../../src/rotation/messages.ts';
import { buildStatus } from '../../../src/status/build-status.ts';
import type { ProfileStatus } from '../../../src/status/models-status.ts';
import { statusFacts } from '../../../src/status/status-facts.ts';
import { isVaultAvailable } from '../../../src/status/vault-availability.ts';

export default class AuthList extends BaseCommand {
  static override summary = "List an agent's profiles.";
  static override examples = [
    '<%= config.bin %> models auth list',
    '<%= config.bin %> models auth list --agent reviewer',
  ];
  static override flags = { ...agentFlag, provider: Flags.string({ description: 'only of this provider' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(AuthList);
    const agentId = agentOf(flags);
    if (flags.provider !== undefined) findProvider(this.app.providers(), flags.provider);
    const status = buildStatus(statusFacts(this.app, agentId), await isVaultAvailable(this.app));
    const profiles = status.auth.profiles.filter(({ provider }) => (flags.provider ?? provider) === provider);
    const hint = `Agent ${agentId} has no profiles. Add one with: moltbot models auth add${agentOption(agentId)}`;
    this.log(table(['PROFILE', 'KIND', 'CREDENTIAL', 'SOURCE', 'STATUS', 'EXPIRES'], profiles.map(row), hint));
    return jsonList(profiles);
  }
}

function row(profile: ProfileStatus): string[] {
  const { profileId, type, label, source, status, expiresAt } = profile;
  return [profileId, type, label, source, status, expiresAt === undefined ? 'never' : formatTime(expiresAt)];
}
