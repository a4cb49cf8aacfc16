import { Args, Flags } from '@oclif/core';
import { TOKEN_PREFIX } from '../src/agents/access-token.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { assertAgent } from '../src/cli/run/token-owner.ts';
import { MoltbotError } from '../src/core/errors.ts';
import { parseAgentId } from '../src/core/ids.ts';
import { printable } from '../src/core/text.ts';
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
    const { tokens } = this.app.stores();
    const nowMs = this.app.now();
    if ([accessor !== undefined, flags.agent !== undefined, flags.all].filter(Boolean).length !== 1) throw oneOfThree();
    if (accessor === undefined) {
      const agentId = flags.agent === undefined ? null : parseAgentId(flags.agent);
      if (agentId !== null) assertAgent(this.app, agentId);
      return { count: tokens.revokeAll(nowMs, agentId ?? undefined), agentId };
    }
    const token = accessor.startsWith(TOKEN_PREFIX) ? undefined : tokens.find(accessor);
    if (!token) throw notFound(accessor);
    return { count: tokens.revoke(accessor, nowMs) ? 1 : 0, agentId: token.agentId };
  }
}

function oneOfThree(): MoltbotError {
  return new MoltbotError('USAGE', 'Say which tokens to revoke: one accessor, --agent, or --all.', {
    hint: 'See the accessors: moltbot active',
  });
}

function notFound(accessor: string): MoltbotError {
  const isToken = accessor.startsWith(TOKEN_PREFIX);
  const message = isToken
    ? 'That is a token, not its accessor.'
    : `There is no token with the accessor "${printable(accessor)}".`;
  return new MoltbotError(isToken ? 'USAGE' : 'TOKEN_NOT_FOUND', message, {
    hint: 'See the accessors: moltbot active',
  });
}
