import { BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';
import { MAIN_AGENT } from '../../src/core/ids.ts';
import { formatTime } from '../../src/core/time.ts';
import { agentOverviews } from '../../src/status/agent-overview.ts';

export default class AgentsList extends BaseCommand {
  static override summary = 'List the agents with their profiles and live tokens.';
  static override examples = ['<%= config.bin %> agents list', '<%= config.bin %> agents list --json'];

  async run(): Promise<object> {
    await this.parse(AgentsList);
    const agents = this.#agents();
    const rows = agents.map(({ id, profiles, liveTokens, createdAt }) => [
      id,
      profiles.join(', ') || '-',
      String(liveTokens),
      createdAt === null ? '-' : formatTime(createdAt),
    ]);
    this.log(
      table(['AGENT', 'PROFILES', 'TOKENS', 'SINCE'], rows, 'There is no agent. Add one: moltbot agents add reviewer'),
    );
    return jsonList(agents);
  }

  #agents(): ListedAgent[] {
    const stores = this.app.storesForReading();
    // `main` exists from the start, also before there is any state.
    if (!stores) return [{ id: MAIN_AGENT, profiles: [], liveTokens: 0, createdAt: null }];
    return agentOverviews(stores, this.app.now()).map(({ id, profiles, liveTokens, createdAt }) => ({
      id,
      profiles,
      liveTokens,
      createdAt,
    }));
  }
}

interface ListedAgent {
  readonly id: string;
  readonly profiles: readonly string[];
  readonly liveTokens: number;
  readonly createdAt: number | null;
}
