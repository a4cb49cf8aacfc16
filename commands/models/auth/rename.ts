import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { authOrderOf, pinOf } from '../../../src/config/agent-view.ts';
import { MoltbotError } from '../../../src/core/errors.ts';
import { parseProfileId } from '../../../src/core/ids.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class AuthRename extends BaseCommand {
  static override summary = 'Give a profile another name; its state, sessions and pinned tokens follow.';
  static override examples = ['<%= config.bin %> models auth rename anthropic:default anthropic:work'];
  static override args = {
    profile: Args.string({ required: true, description: 'a profile id, provider:name' }),
    'new-id': Args.string({ required: true, description: 'its new id, of the same provider' }),
  };
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthRename);
    const agentId = agentOf(flags);
    const { profileId, provider } = knownProfile(this.app.storesForReading(), agentId, args.profile);
    const to = parseProfileId(args['new-id']);
    if (to.provider !== provider) {
      throw new MoltbotError('USAGE', `A profile of ${provider} cannot become one of ${to.provider}.`, {
        hint: `Keep the provider: moltbot models auth rename ${profileId} ${provider}:${to.name}`,
      });
    }
    await this.app.credentials().rename(agentId, profileId, args['new-id']);
    const { host, user } = gatewayHost();
    this.log(`${profileId} of agent ${agentId} on ${user}@${host} is now ${args['new-id']}.`);
    this.#warnAboutConfig(agentId, provider, profileId);
    return { profileId: args['new-id'], formerId: profileId, agentId, gatewayHost: host };
  }

  /** The config belongs to the person: names in it are not changed behind their back. */
  #warnAboutConfig(agentId: string, provider: string, profileId: string): void {
    const { config } = this.app.config();
    if (authOrderOf(config, agentId, provider)?.includes(profileId)) {
      this.note(
        `auth.order.${provider} in the config still names ${profileId}. Set it anew: moltbot models auth order set --provider ${provider} <ids…>`,
      );
    }
    if (pinOf(config, agentId, provider) === profileId) {
      this.note(`auth.pin.${provider} in the config still names ${profileId}. Change it: moltbot config edit`);
    }
  }
}
