import { Flags } from '@oclif/core';
import type { AccessToken } from '../src/agents/token-store.ts';
import { spentText } from '../src/budgets/spent-text.ts';
import type { BudgetLeft } from '../src/budgets/token-budget.ts';
import { leftOfTokens } from '../src/budgets/token-spent.ts';
import { BaseCommand, jsonList, table } from '../src/cli/base-command.ts';
import { formatDuration } from '../src/core/time.ts';

export default class Active extends BaseCommand {
  static override summary = 'List the access tokens that are valid now, by accessor.';
  static override examples = ['<%= config.bin %> active', '<%= config.bin %> active --agent reviewer --json'];
  static override flags = { agent: Flags.string({ char: 'a', description: 'only those of one agent' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(Active);
    const nowMs = this.app.now();
    const stores = this.app.storesForReading();
    const tokens = stores?.tokens.live(nowMs, { agentId: flags.agent }) ?? [];
    const left = stores ? leftOfTokens(stores.database, tokens) : new Map<string, BudgetLeft>();
    // There may be thousands of them: the table is not made for nobody.
    if (!this.jsonEnabled()) this.log(tableOf(tokens, left, nowMs));
    return jsonList(tokens.map((token) => toJson(token, left.get(token.accessor))));
  }
}

function toJson(token: AccessToken, left: BudgetLeft | undefined) {
  return {
    accessor: token.accessor,
    agentId: token.agentId,
    providers: token.providers,
    profileId: token.profileId,
    policy: token.policy,
    budget: left ?? null,
    usesLeft: token.usesLeft,
    label: token.label,
    createdAt: token.createdAtMs,
    expiresAt: token.expiresAtMs,
    renewableUntil: token.renewUntilMs,
  };
}

function tableOf(tokens: readonly AccessToken[], left: ReadonlyMap<string, BudgetLeft>, nowMs: number): string {
  const rows = tokens.map((token) => {
    const budget = left.get(token.accessor);
    return [
      token.accessor,
      token.agentId,
      token.profileId ?? token.providers?.join(', ') ?? 'all',
      token.label ?? '',
      budget ? spentText(budget) : '',
      formatDuration(token.expiresAtMs - nowMs),
    ];
  });
  return table(
    ['ACCESSOR', 'AGENT', 'FOR', 'LABEL', 'SPENT', 'ENDS IN'],
    rows,
    'No token is valid now. Get one: moltbot get anthropic',
  );
}
