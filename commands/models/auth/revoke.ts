import { Args, Flags } from '@oclif/core';
import { sinceOf } from '../../../src/cli/audit/since.ts';
import { agentFlag, agentOf, BaseCommand, table } from '../../../src/cli/base-command.ts';
import { confirmRemoval } from '../../../src/cli/confirm-removal.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { revocationPage } from '../../../src/cli/onboarding/revocation-page.ts';
import { formatTime } from '../../../src/core/time.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';
import { type ProfileUses, profileUses } from '../../../src/ledger/profile-uses.ts';

export default class AuthRevoke extends BaseCommand {
  static override summary =
    'A leaked key: cut what it serves, delete the secret, say where to revoke it and what it was used for.';
  static override examples = [
    '<%= config.bin %> models auth revoke anthropic:work --now',
    '<%= config.bin %> models auth revoke anthropic:work --now --since 7d --json',
  ];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = {
    ...agentFlag,
    now: Flags.boolean({ description: 'do not ask' }),
    since: Flags.string({
      description: 'list what it was used for since then (7d, 2026-11-20T09:00Z), else since it was stored',
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthRevoke);
    const agentId = agentOf(flags);
    const profile = knownProfile(this.app.storesForReading(), agentId, args.profile);
    const { profileId, label, provider, createdAtMs, lastUsedAtMs } = profile;
    const hereSinceMs = profile.replacedAtMs ?? createdAtMs;
    const sinceMs = flags.since === undefined ? hereSinceMs : sinceOf(flags.since, this.app.now());
    await confirmRemoval(`Cut what ${profileId} (${label}) serves and delete its secret?`, flags.now, '--now');
    await this.app.credentials().remove(agentId, profileId);
    const uses = profileUses(this.app.stores().database, profile, sinceMs);
    const { host, user } = gatewayHost();
    const revokeAt = revocationPage(provider) ?? null;
    this.log(`${profileId} (${label}) of agent ${agentId} on ${user}@${host} is gone; answers that it served are cut.`);
    this.log(
      `It was here since ${formatTime(hereSinceMs)} and last used ${lastUsedAtMs === null ? 'never' : `at ${formatTime(lastUsedAtMs)}`}.`,
    );
    this.log(usesText(uses, sinceMs));
    this.log(
      `Whoever has the key can still use it. Revoke it at the provider: ${revokeAt ?? `ask whoever runs ${provider}`}`,
    );
    return {
      profileId,
      agentId,
      provider,
      revoked: true,
      label,
      revokeAt,
      createdAt: createdAtMs,
      lastUsedAt: lastUsedAtMs,
      usedSince: sinceMs,
      uses,
      gatewayHost: host,
    };
  }
}

function usesText(uses: readonly ProfileUses[], sinceMs: number): string {
  const rows = uses.map(({ agentId, model, requests, firstAtMs, lastAtMs }) => [
    agentId,
    model ?? '-',
    String(requests),
    formatTime(firstAtMs),
    formatTime(lastAtMs),
  ]);
  const none = `This gateway sent nothing with it since ${formatTime(sinceMs)}.`;
  return table(['AGENT', 'MODEL', 'REQUESTS', 'FIRST', 'LAST'], rows, none);
}
