import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand, jsonList } from '../../../src/cli/base-command.ts';
import { profilesText } from '../../../src/cli/profiles-text.ts';
import { findProvider } from '../../../src/providers/registry.ts';
import { agentOption, providerOf } from '../../../src/rotation/messages.ts';
import { buildStatus } from '../../../src/status/build-status.ts';
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
    const { auth } = buildStatus(statusFacts(this.app, agentId), await isVaultAvailable(this.app));
    const isWanted = (provider: string) => (flags.provider ?? provider) === provider;
    const profiles = auth.profiles.filter(({ provider }) => isWanted(provider));
    const unusableProfiles = auth.unusableProfiles.filter(({ profileId }) => isWanted(providerOf(profileId)));
    const hint = `Agent ${agentId} has no profiles. Add one with: moltbot models auth add${agentOption(agentId)}`;
    this.log(profilesText({ profiles, unusableProfiles }, agentId, this.app.now(), hint));
    return jsonList(profiles);
  }
}
