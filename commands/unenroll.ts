import { Args } from '@oclif/core';
import { unenrollAgent } from '../src/agents/change-agent-keys.ts';
import type { EnrolledAgent } from '../src/agents/enrolled-store.ts';
import { thisPerson } from '../src/audit/actor.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { findEnrolled } from '../src/cli/remote/enrolled-agent.ts';
import { unenrollHere } from '../src/cli/remote/unenroll-here.ts';
import { parseAgentId } from '../src/core/ids.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Unenroll extends BaseCommand {
  static override summary = 'End an agent’s identity at once: its keys, its tokens, the answers that run on them.';
  static override description =
    'On the machine that enrolled, it tells the gateway and deletes the key here. On the gateway host, it ends what the agent identifies itself with; an agent that has credentials of its own stays, without a key, until "agents remove".';
  static override examples = ['<%= config.bin %> unenroll builder'];
  static override args = { name: Args.string({ required: true, description: 'an agent id' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(Unenroll);
    const agentId = parseAgentId(args.name);
    const enrolled = findEnrolled(this.app, agentId);
    return enrolled ? this.#here(enrolled) : this.#onGatewayHost(agentId);
  }

  async #here(enrolled: EnrolledAgent): Promise<object> {
    const { agentId, serverUrl } = enrolled;
    const { told, because } = await unenrollHere(this.app, enrolled);
    const { host, user } = gatewayHost();
    this.log(`Deleted the key of agent ${agentId} on ${user}@${host}.`);
    if (told) this.log(`It has ended at ${serverUrl}.`);
    else this.note(`${serverUrl} was not told. ${because}`);
    return { agentId, server: serverUrl, told, gatewayHost: host };
  }

  #onGatewayHost(agentId: string): object {
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    const { tokens, keys, removed } = unenrollAgent(this.app.stores(), agentId, by);
    const { host, user } = gatewayHost();
    const stays = removed ? '' : ' It stays as an agent of this host, because it has credentials or is "main".';
    this.log(`Unenrolled the agent ${agentId} on ${user}@${host}; keys: ${keys}, tokens revoked: ${tokens}.${stays}`);
    return { agentId, keys, tokens, removed, gatewayHost: host };
  }
}
