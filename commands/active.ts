import { Flags } from '@oclif/core';
import type { AccessToken } from '../src/agents/token-store.ts';
import { BaseCommand, jsonList, table } from '../src/cli/base-command.ts';
import { formatDuration } from '../src/core/time.ts';

export default class Active extends BaseCommand {
  static override summary = 'List the access tokens that are valid now, by accessor.';
  static override examples = ['<%= config.bin %> active', '<%= config.bin %> active --agent reviewer --json'];
  static override flags = { agent: Flags.string({ char: 'a', description: 'only those of one agent' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(Active);
    const nowMs = this.app.now();
    const live = this.app.storesForReading()?.tokens.live(nowMs) ?? [];
    const tokens = live.filter((token) => flags.agent === undefined || token.agentId === flags.agent);
    const rows = tokens.map((token) => [
      token.accessor,
      token.agentId,
      token.profileId ?? token.providers?.join(', ') ?? 'all',
      token.label ?? '',
      formatDuration(token.expiresAtMs - nowMs),
    ]);
    this.log(
      table(
        ['ACCESSOR', 'AGENT', 'FOR', 'LABEL', 'ENDS IN'],
        rows,
        'No token is valid now. Get one: moltbot get anthropic',
      ),
    );
    return jsonList(tokens.map(toJson));
  }
}

function toJson(token: AccessToken) {
  return {
    accessor: token.accessor,
    agentId: token.agentId,
    providers: token.providers,
    profileId: token.profileId,
    label: token.label,
    createdAt: token.createdAtMs,
    expiresAt: token.expiresAtMs,
    renewableUntil: token.renewUntilMs,
  };
}
