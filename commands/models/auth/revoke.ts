import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { confirmRemoval } from '../../../src/cli/confirm-removal.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { revocationPage } from '../../../src/cli/onboarding/revocation-page.ts';
import { formatTime } from '../../../src/core/time.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class AuthRevoke extends BaseCommand {
  static override summary =
    'A leaked key: cut what it serves, delete the secret, say where to revoke it at the provider.';
  static override examples = ['<%= config.bin %> models auth revoke anthropic:work --now'];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = { ...agentFlag, now: Flags.boolean({ description: 'do not ask' }) };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthRevoke);
    const agentId = agentOf(flags);
    const profile = knownProfile(this.app.storesForReading(), agentId, args.profile);
    const { profileId, label, provider, createdAtMs, lastUsedAtMs } = profile;
    await confirmRemoval(`Cut what ${profileId} (${label}) serves and delete its secret?`, flags.now, '--now');
    await this.app.credentials().remove(agentId, profileId);
    const { host, user } = gatewayHost();
    const page = revocationPage(provider);
    const since = formatTime(profile.replacedAtMs ?? createdAtMs);
    this.log(`${profileId} (${label}) of agent ${agentId} on ${user}@${host} is gone; answers that it served are cut.`);
    this.log(
      `It was here since ${since} and last used ${lastUsedAtMs === null ? 'never' : `at ${formatTime(lastUsedAtMs)}`}.`,
    );
    this.log(
      `Whoever has the key can still use it. Revoke it at the provider: ${page ?? `ask whoever runs ${provider}`}`,
    );
    return {
      profileId,
      agentId,
      provider,
      revoked: true,
      label,
      revokeAt: page ?? null,
      createdAt: createdAtMs,
      lastUsedAt: lastUsedAtMs,
    };
  }
}
