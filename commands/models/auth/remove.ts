import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { confirmRemoval } from '../../../src/cli/confirm-removal.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class AuthRemove extends BaseCommand {
  static override summary = 'Remove a profile with its secret; answers that it is serving are cut.';
  static override examples = ['<%= config.bin %> models auth remove anthropic:work --yes'];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = { ...agentFlag, yes: Flags.boolean({ char: 'y', description: 'do not ask' }) };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthRemove);
    const agentId = agentOf(flags);
    const { profileId, label } = knownProfile(this.app.storesForReading(), agentId, args.profile);
    await confirmRemoval(`Remove ${profileId} (${label}) of agent ${agentId} with its secret?`, flags.yes);
    await this.app.credentials().remove(agentId, profileId);
    const { host, user } = gatewayHost();
    this.log(
      `Removed ${profileId} of agent ${agentId} on ${user}@${host}. The key itself still works at the provider.`,
    );
    return { profileId, agentId, removed: true, gatewayHost: host };
  }
}
