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
    const tokens = this.app.storesForReading()?.tokens.live(nowMs, { agentId: flags.agent }) ?? [];
    // There may be thousands of them: the table is not made for nobody.
    if (!this.jsonEnabled()) this.log(tableOf(tokens, nowMs));
    return jsonList(tokens.map(toJson));
  }
}

function toJson(token: AccessToken) {
  return {
    accessor: token.accessor,
    agentId: token.agentId,
    providers: token.providers,
    profileId: token.profileId,
    policy: token.policy,
    usesLeft: token.usesLeft,
    label: token.label,
    createdAt: token.createdAtMs,
    expiresAt: token.expiresAtMs,
    renewableUntil: token.renewUntilMs,
  };
}

function tableOf(tokens: readonly AccessToken[], nowMs: number): string {
  const rows = tokens.map((token) => [
    token.accessor,
    token.agentId,
    token.profileId ?? token.providers?.join(', ') ?? 'all',
    token.label ?? '',
    formatDuration(token.expiresAtMs - nowMs),
  ]);
  return table(
    ['ACCESSOR', 'AGENT', 'FOR', 'LABEL', 'ENDS IN'],
    rows,
    'No token is valid now. Get one: moltbot get anthropic',
  );
}
