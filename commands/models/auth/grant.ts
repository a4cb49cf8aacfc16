import { Args, Flags } from '@oclif/core';
import { thisPerson } from '../../../src/audit/actor.ts';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { confirmWidening } from '../../../src/cli/guard.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { authOrderOf } from '../../../src/config/agent-view.ts';
import { grantModels } from '../../../src/config/grant-models.ts';
import { grantedId, parseAgentId } from '../../../src/core/ids.ts';
import { printable } from '../../../src/core/text.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';
import { grantProfile } from '../../../src/profiles/change-grants.ts';

export default class AuthGrant extends BaseCommand {
  static override summary = 'Lend a profile to another agent, by reference: its secret and its cooldowns stay one.';
  static override description =
    'The other agent uses it as <owner>/<profile>. It cannot lend it on. Granting again puts new limits in place.';
  static override examples = [
    '<%= config.bin %> models auth grant anthropic:work --to reviewer',
    '<%= config.bin %> models auth grant anthropic:work --to reviewer --model claude-haiku-4-5 --rpm 20',
  ];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = {
    ...agentFlag,
    to: Flags.string({ required: true, description: 'the agent that may use it' }),
    model: Flags.string({ char: 'm', multiple: true, description: 'only this model; may be given several times' }),
    rpm: Flags.integer({ min: 1, max: 1_000_000, description: 'requests a minute at most' }),
    force: Flags.boolean({ description: 'take models the catalog does not know' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthGrant);
    const ownerAgentId = agentOf(flags);
    const agentId = parseAgentId(flags.to);
    const { profileId, provider } = knownProfile(this.app.storesForReading(), ownerAgentId, args.profile);
    const known = { config: this.app.config().config, providers: this.app.providers() };
    const models = grantModels(known, provider, flags.model ?? [], flags.force);
    const requestsPerMinute = flags.rpm ?? null;
    await confirmWidening(this.app, `grant ${profileId} of agent ${ownerAgentId} to ${agentId}`);
    const terms = { ownerAgentId, profileId, agentId, models, requestsPerMinute };
    grantProfile(this.app.stores(), terms, { actor: thisPerson(), nowMs: this.app.now() });
    const grantedAs = grantedId(ownerAgentId, profileId);
    const { host, user } = gatewayHost();
    const limits = `${models ? models.map(printable).join(', ') : 'every model'}${flags.rpm ? `, at most ${flags.rpm} requests a minute` : ''}`;
    this.log(`Granted ${profileId} of agent ${ownerAgentId} to ${agentId} on ${user}@${host}: ${limits}.`);
    this.log(
      `It uses it as ${grantedAs}. End it with: moltbot models auth revoke-grant ${profileId} --agent ${ownerAgentId} --from ${agentId}`,
    );
    this.#noteOrder(agentId, provider, grantedAs);
    return {
      profileId,
      agentId: ownerAgentId,
      grantedTo: agentId,
      grantedAs,
      models,
      requestsPerMinute,
      gatewayHost: host,
    };
  }

  /** An order is exact: what it does not name never serves, granted or not. */
  #noteOrder(agentId: string, provider: string, grantedAs: string): void {
    const order = authOrderOf(this.app.config().config, agentId, provider);
    if (!order || order.includes(grantedAs)) return;
    const ids = [...order, grantedAs].join(' ');
    this.note(
      `auth.order.${provider} does not name ${grantedAs}, so it does not serve yet: moltbot models auth order set --provider ${provider} --agent ${agentId} ${ids}`,
    );
  }
}
