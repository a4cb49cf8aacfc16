import { Flags } from '@oclif/core';
import { pauseAgent } from '../src/agents/change-agents.ts';
import { EVERYONE } from '../src/agents/pause-store.ts';
import { pausableAgent, pausedName, pauseFlags } from '../src/cli/agents/pause-flags.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { byPerson } from '../src/cli/by-person.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Pause extends BaseCommand {
  static override summary = 'Pause an agent, or everything: open answers are cut, new requests get 402 until "resume".';
  static override examples = [
    '<%= config.bin %> pause --agent reviewer --reason "too expensive today"',
    '<%= config.bin %> pause --all',
  ];
  static override flags = {
    ...pauseFlags,
    reason: Flags.string({ description: 'what its clients are told', default: '' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Pause);
    const agentId = pausableAgent(flags);
    const changed = pauseAgent(this.app.stores(), agentId, flags.reason.slice(0, 500), byPerson(this.app));
    const { host, user } = gatewayHost();
    const name = pausedName(agentId);
    const option = agentId === EVERYONE ? '--all' : `--agent ${agentId}`;
    this.log(
      changed ? `Paused ${name} on ${user}@${host}.` : `Nothing to do: ${name} on ${user}@${host} was paused before.`,
    );
    this.log(`Let it go on with: moltbot resume ${option}`);
    return { agentId, paused: true, changed, gatewayHost: host };
  }
}
