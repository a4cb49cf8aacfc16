import { agentFlag, agentOf, BaseCommand, table } from '../src/cli/base-command.ts';
import { currentGates } from '../src/status/current-gates.ts';

export default class Gates extends BaseCommand {
  static override summary = 'Which conditions an agent’s requests must pass, by name, and which of them are closed.';
  static override description = 'Exit code 3 when a closed one stops its next request.';
  static override examples = ['<%= config.bin %> gates', '<%= config.bin %> gates --agent reviewer --json'];
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { flags } = await this.parse(Gates);
    const agentId = agentOf(flags);
    const { gates, stopping } = currentGates(this.app, agentId);
    const rows = gates.map(({ name, open, why }) => [name, open ? 'open' : 'CLOSED', why]);
    this.log(table(['GATE', 'STATE', 'WHY'], rows, 'There are no gates.'));
    if (stopping.length > 0) process.exitCode = 3;
    return { schemaVersion: 1, agentId, items: gates, stopping: stopping.map(({ name }) => name) };
  }
}
