import { Args, Flags } from '@oclif/core';
import { thisPerson } from '../../../src/audit/actor.ts';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { parseAgentId, parseServingId } from '../../../src/core/ids.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';
import { endGrant } from '../../../src/profiles/change-grants.ts';

export default class AuthRevokeGrant extends BaseCommand {
  static override summary = 'End a grant: the other agent loses the profile, and answers that it serves are cut.';
  static override examples = ['<%= config.bin %> models auth revoke-grant anthropic:work --from reviewer'];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = {
    ...agentFlag,
    from: Flags.string({ required: true, description: 'the agent that has it' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthRevokeGrant);
    const named = parseServingId(args.profile);
    const ownerAgentId = named.ownerAgentId ?? agentOf(flags);
    const agentId = parseAgentId(flags.from);
    const { profileId } = named;
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    endGrant(this.app.stores(), { ownerAgentId, profileId, agentId }, by);
    const { host, user } = gatewayHost();
    this.log(
      `${agentId} on ${user}@${host} no longer has ${profileId} of agent ${ownerAgentId}; answers it served are cut.`,
    );
    return { profileId, agentId: ownerAgentId, revokedFrom: agentId, gatewayHost: host };
  }
}
