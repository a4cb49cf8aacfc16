import { Args } from '@oclif/core';
import { thisPerson } from '../../../src/audit/actor.ts';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';
import { resetProfile } from '../../../src/profiles/reset-profile.ts';

export default class AuthReset extends BaseCommand {
  static override summary = 'Clear the cooldowns and the disabled state of a profile.';
  static override examples = ['<%= config.bin %> models auth reset anthropic:work'];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthReset);
    const agentId = agentOf(flags);
    const { profileId } = knownProfile(this.app.storesForReading(), agentId, args.profile);
    const cleared = resetProfile(this.app.stores(), agentId, profileId, {
      actor: thisPerson(),
      nowMs: this.app.now(),
    });
    const { host, user } = gatewayHost();
    const what = cleared === 0 ? 'had no state to clear' : `may be used again (states cleared: ${cleared})`;
    this.log(`${profileId} of agent ${agentId} on ${user}@${host} ${what}.`);
    return { profileId, agentId, cleared, gatewayHost: host };
  }
}
