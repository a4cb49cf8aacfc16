import { Args, Flags } from '@oclif/core';
import { TOKEN_PREFIX } from '../src/agents/access-token.ts';
import { revokeToken, revokeTokens } from '../src/agents/change-tokens.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { byPerson } from '../src/cli/by-person.ts';
import { MoltbotError } from '../src/core/errors.ts';
import { parseAgentId } from '../src/core/ids.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Revoke extends BaseCommand {
  static override summary = 'End access tokens at once: the next request is refused, open answers are cut.';
  static override examples = [
    '<%= config.bin %> revoke acc_0123456789abcdef0123',
    '<%= config.bin %> revoke --agent reviewer',
    '<%= config.bin %> revoke --all',
  ];
  static override args = { accessor: Args.string({ description: 'as "moltbot active" shows it' }) };
  static override flags = {
    agent: Flags.string({ char: 'a', description: 'every token of one agent', exclusive: ['all'] }),
    all: Flags.boolean({ description: 'every token of every agent' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Revoke);
    const revoked = this.#revoke(args.accessor, flags);
    const { host, user } = gatewayHost();
    const whose = flags.all ? 'all agents' : `agent ${revoked.agentId}`;
    this.log(`Revoked ${revoked.count} ${revoked.count === 1 ? 'token' : 'tokens'} of ${whose} on ${user}@${host}.`);
    return { revoked: revoked.count, agentId: revoked.agentId, gatewayHost: host };
  }

  #revoke(accessor: string | undefined, flags: { agent?: string | undefined; all: boolean }) {
    const stores = this.app.stores();
    const by = byPerson(this.app);
    if ([accessor !== undefined, flags.agent !== undefined, flags.all].filter(Boolean).length !== 1) throw oneOfThree();
    if (accessor === undefined) {
      const agentId = flags.agent === undefined ? null : parseAgentId(flags.agent);
      return { count: revokeTokens(stores, agentId ?? undefined, by), agentId };
    }
    if (accessor.startsWith(TOKEN_PREFIX)) throw isToken();
    const isNew = revokeToken(stores, accessor, by);
    return { count: isNew ? 1 : 0, agentId: stores.tokens.find(accessor)!.agentId };
  }
}

function oneOfThree(): MoltbotError {
  return new MoltbotError('USAGE', 'Say which tokens to revoke: one accessor, --agent, or --all.', {
    hint: 'See the accessors: moltbot active',
  });
}

function isToken(): MoltbotError {
  return new MoltbotError('USAGE', 'That is a token, not its accessor.', { hint: 'See the accessors: moltbot active' });
}
