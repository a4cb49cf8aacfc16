import { Args, Flags } from '@oclif/core';
import { issueToken } from '../src/agents/change-tokens.ts';
import { policyFlags, policyFrom } from '../src/cli/agents/policy-flags.ts';
import { agentFlag, agentOf, BaseCommand } from '../src/cli/base-command.ts';
import { byPerson } from '../src/cli/by-person.ts';
import { gatewayUrl } from '../src/cli/gateway-process/gateway-address.ts';
import { confirmMinting } from '../src/cli/guard.ts';
import { findEnrolled } from '../src/cli/remote/enrolled-agent.ts';
import { remoteAccess } from '../src/cli/remote/remote-access.ts';
import { clientBaseUrl } from '../src/cli/run/client-base-url.ts';
import { credentialNote } from '../src/cli/run/credential-note.ts';
import { labelFlag, labelFrom } from '../src/cli/run/label-flag.ts';
import { tokenBudgetFlags, tokenBudgetFrom } from '../src/cli/run/token-budget-flags.ts';
import { assertAgent } from '../src/cli/run/token-owner.ts';
import { parseTtl } from '../src/cli/run/token-time.ts';
import { assertServes } from '../src/profiles/assert-serves.ts';
import { findProvider } from '../src/providers/registry.ts';

export default class Get extends BaseCommand {
  static override summary = 'Print a short-lived access token for one provider.';
  static override description =
    'The token is what a client shows to the gateway in place of a provider key. It belongs to the agent and ends by itself.';
  static override examples = [
    '<%= config.bin %> get anthropic',
    '<%= config.bin %> get openai --ttl 30m --json',
    '<%= config.bin %> get anthropic --models anthropic/claude-haiku-4-5 --uses 10',
    '<%= config.bin %> get anthropic --usd 0.50',
  ];
  static override args = {
    provider: Args.string({ required: true, description: 'anthropic, openai, xai or your own' }),
  };
  static override flags = {
    ...agentFlag,
    ttl: Flags.string({ description: 'how long it lives, 1m to 1h', default: '10m' }),
    profile: Flags.string({ description: 'the only profile that may serve it', helpValue: 'anthropic:work' }),
    uses: Flags.integer({ min: 1, max: 1_000_000, description: 'how many requests it is good for' }),
    ...policyFlags,
    ...labelFlag,
    ...tokenBudgetFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Get);
    const agentId = agentOf(flags);
    const ttlMs = parseTtl(flags.ttl);
    const provider = findProvider(this.app.providers(), args.provider);
    const enrolled = findEnrolled(this.app, agentId);
    const label = labelFrom(flags.label);
    const budget = tokenBudgetFrom(flags);
    const policy = { ...policyFrom(this.app, flags), ...(budget && { budget }) };
    if (enrolled) {
      const { ttl, profile, uses } = flags;
      const access = await remoteAccess(this.app, enrolled, provider, { ttl, profile, uses, label, ...policy });
      this.log(access.token);
      return access;
    }
    assertAgent(this.app, agentId);
    await confirmMinting(this.app, agentId);
    if (flags.profile !== undefined) assertServes(this.app.stores(), agentId, provider, flags.profile);
    const missing = credentialNote(this.app, agentId, [provider]);
    if (missing) this.note(missing);
    const grant = {
      agentId,
      providers: [provider.id],
      profileId: flags.profile,
      policy,
      label,
      uses: flags.uses,
      ttlMs,
    };
    const { token, record } = issueToken(this.app.stores(), grant, byPerson(this.app));
    this.log(token.reveal());
    return {
      token: token.reveal(),
      accessor: record.accessor,
      agentId,
      providers: record.providers,
      ...(label !== undefined && { label }),
      ...(Object.keys(policy).length > 0 && { policy }),
      ...(record.usesLeft !== null && { usesLeft: record.usesLeft }),
      expiresAt: record.expiresAtMs,
      baseUrl: clientBaseUrl(gatewayUrl(this.app.paths, this.app.config().config.gateway), provider),
    };
  }
}
