import { Flags } from '@oclif/core';
import { issueToken } from '../src/agents/change-tokens.ts';
import type { TokenGrant } from '../src/agents/token-store.ts';
import { agentFlag, agentOf, BaseCommand } from '../src/cli/base-command.ts';
import { byPerson } from '../src/cli/by-person.ts';
import { readRecord } from '../src/cli/connect/connection-record.ts';
import { gatewayUrl } from '../src/cli/gateway-process/gateway-address.ts';
import { confirmMinting } from '../src/cli/guard.ts';
import { findEnrolled } from '../src/cli/remote/enrolled-agent.ts';
import { remoteEnv, type ShellAccess } from '../src/cli/remote/remote-access.ts';
import { defaultClientProviders } from '../src/cli/run/client-providers.ts';
import { clientVariables } from '../src/cli/run/client-variables.ts';
import { credentialNote } from '../src/cli/run/credential-note.ts';
import { SHELLS, shellExports, shellOf } from '../src/cli/run/shell-exports.ts';
import { tokenBudgetFlags, tokenBudgetFrom } from '../src/cli/run/token-budget-flags.ts';
import { assertAgent } from '../src/cli/run/token-owner.ts';
import { parseTtl } from '../src/cli/run/token-time.ts';
import { formatTime } from '../src/core/time.ts';

export default class Env extends BaseCommand {
  static override summary = 'Print variables that lead clients of this shell to the gateway.';
  static override description =
    'For eval. The token in them ends by itself; for work that takes longer, "moltbot run" renews its token.';
  static override examples = [
    'eval "$(<%= config.bin %> env)"',
    '<%= config.bin %> env --shell fish --ttl 1h | source',
    'eval "$(<%= config.bin %> env --usd 2)"',
  ];
  static override flags = {
    ...agentFlag,
    shell: Flags.option({ options: SHELLS, description: 'whose syntax (else that of $SHELL)' })(),
    ttl: Flags.string({ description: 'how long the token lives, 1m to 1h', default: '10m' }),
    ...tokenBudgetFlags,
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Env);
    const agentId = agentOf(flags);
    const ttlMs = parseTtl(flags.ttl);
    const enrolled = findEnrolled(this.app, agentId);
    const budget = tokenBudgetFrom(flags);
    const policy = budget && { budget };
    const access = enrolled
      ? await remoteEnv(this.app, enrolled, { ttl: flags.ttl, ...policy })
      : await this.#here({ agentId, ttlMs, policy, label: 'env' });
    const { accessor, expiresAt } = access;
    // A key left in the shell would win over the token, and exports cannot unset it.
    const variables = { ...clientVariables(access), ANTHROPIC_API_KEY: '', ...access.trust };
    this.log(shellExports(flags.shell ?? shellOf(process.env.SHELL), variables));
    this.note(`Agent ${agentId}; the token is valid until ${formatTime(expiresAt)}.`);
    if (readRecord(this.app.paths, 'claude')) {
      this.note(
        'Claude Code is connected by its own settings: in this shell it would show two tokens, which is refused.',
      );
    }
    return { variables, accessor, agentId, ...policy, expiresAt };
  }

  async #here(grant: TokenGrant): Promise<ShellAccess> {
    const { agentId } = grant;
    assertAgent(this.app, agentId);
    await confirmMinting(this.app, agentId);
    const { token, record } = issueToken(this.app.stores(), grant, byPerson(this.app));
    const providers = defaultClientProviders(this.app.providers());
    const missing = credentialNote(this.app, agentId, providers);
    if (missing) this.note(missing);
    return {
      gatewayUrl: gatewayUrl(this.app.paths, this.app.config().config.gateway),
      token,
      providers,
      accessor: record.accessor,
      expiresAt: record.expiresAtMs,
      trust: {},
    };
  }
}
