import { resumeAgent } from '../src/agents/change-agents.ts';
import { EVERYONE } from '../src/agents/pause-store.ts';
import { pausableAgent, pausedName, pauseFlags } from '../src/cli/agents/pause-flags.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { byPerson } from '../src/cli/by-person.ts';
import { confirmWidening } from '../src/cli/guard.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Resume extends BaseCommand {
  static override summary = 'Let a paused agent, or everything, go on.';
  static override examples = ['<%= config.bin %> resume --agent reviewer', '<%= config.bin %> resume --all'];
  static override flags = pauseFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Resume);
    const agentId = pausableAgent(flags);
    const name = pausedName(agentId);
    await confirmWidening(this.app, `resume ${name}`);
    const changed = resumeAgent(this.app.stores(), agentId, byPerson(this.app));
    const { host, user } = gatewayHost();
    this.log(changed ? `Resumed ${name} on ${user}@${host}.` : `There was no pause of ${name} on ${user}@${host}.`);
    const stillPaused = agentId !== EVERYONE && this.app.stores().pauses.of(agentId) !== undefined;
    if (stillPaused) this.note('Everything is paused still. Resume it with: moltbot resume --all');
    return { agentId, paused: stillPaused, changed, gatewayHost: host };
  }
}
