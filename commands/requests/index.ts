import { Flags } from '@oclif/core';
import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';
import { requestsTable } from '../../src/cli/usage/request-text.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { requestJson } from '../../src/status/story.ts';

const EMPTY = 'There are no such requests. They come through a running gateway: moltbot run -- claude';

export default class Requests extends BaseCommand {
  static override summary =
    'The newest requests that were let out to a provider: who asked, how it ended, what it cost.';
  static override examples = [
    '<%= config.bin %> requests',
    '<%= config.bin %> requests --failed --limit 20',
    '<%= config.bin %> requests --agent reviewer --json',
  ];
  static override flags = {
    agent: Flags.string({ char: 'a', description: 'only those of this agent' }),
    failed: Flags.boolean({ description: 'only those that ended in an error' }),
    limit: Flags.integer({ char: 'n', description: 'how many of the newest', default: 50, min: 1, max: 100_000 }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Requests);
    const agentId = flags.agent === undefined ? undefined : parseAgentId(flags.agent);
    const query = { agentId, isFailed: flags.failed, limit: flags.limit };
    const rows = this.app.storesForReading()?.ledger.newest(query) ?? [];
    this.log(requestsTable(rows, EMPTY));
    return jsonList(rows.map(requestJson));
  }
}
