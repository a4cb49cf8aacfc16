import { Flags } from '@oclif/core';
import { agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { addCredential } from '../../../src/cli/onboarding/add-credential.ts';
import { placeOf } from '../../../src/cli/onboarding/credential-request.ts';
import { expiryFlag, pasteFlags } from '../../../src/cli/onboarding/paste-flags.ts';
import type { StoredJson } from '../../../src/cli/onboarding/report-stored.ts';
import { takeSecret } from '../../../src/cli/onboarding/take-secret.ts';
import { choose } from '../../../src/cli/prompts/choose.ts';
import { hasTerminal, needsTerminal } from '../../../src/cli/prompts/terminal.ts';
import { parseProfileId } from '../../../src/core/ids.ts';
import type { CredentialKind, Provider } from '../../../src/providers/provider.ts';
import { findProvider } from '../../../src/providers/registry.ts';

export default class AuthAdd extends BaseCommand {
  static override summary = 'Add or replace one credential; asks for what is not said.';
  static override examples = [
    '<%= config.bin %> models auth add',
    'cat key.txt | <%= config.bin %> models auth add --provider openai --profile-id openai:work',
  ];
  static override flags = {
    ...pasteFlags,
    ...expiryFlag,
    provider: Flags.string({ description: 'anthropic, xai, openai or one you defined' }),
    type: Flags.option({ options: ['api_key', 'token'] as const, description: 'which kind of credential' })(),
  };

  async run(): Promise<StoredJson> {
    const { flags } = await this.parse(AuthAdd);
    const agentId = agentOf(flags);
    const earlier = this.#earlier(agentId, flags['profile-id']);
    const providerId = flags.provider ?? earlier?.provider;
    const { provider, kind } = await this.#kind(providerId, flags.type ?? earlier?.type);
    const place = placeOf(agentId, provider, kind.type, flags);
    const pasted = await takeSecret(kind, (line) => this.note(line));
    return addCredential(this, place, pasted, { skipTest: flags['skip-test'], vault: flags.vault });
  }

  /** A profile that is named says the provider, and when it exists the kind too. */
  #earlier(agentId: string, profileId: string | undefined) {
    if (profileId === undefined) return undefined;
    const stored = this.app.storesForReading()?.profiles.get(agentId, profileId);
    return { provider: parseProfileId(profileId).provider, type: stored?.type };
  }

  async #kind(
    providerId: string | undefined,
    type: 'api_key' | 'token' | undefined,
  ): Promise<{ provider: Provider; kind: CredentialKind }> {
    const providers = providerId
      ? [findProvider(this.app.providers(), providerId)]
      : [...this.app.providers().values()];
    const found = providers.flatMap((provider) =>
      provider.credentials
        .filter((kind) => type === undefined || kind.type === type)
        .map((kind) => ({ name: kind.label, value: { provider, kind }, description: kind.source })),
    );
    if (found.length === 1) return found[0]!.value;
    if (hasTerminal()) return choose('Which credential?', found);
    if (providerId === undefined) {
      throw needsTerminal('The provider was not said', 'Say it: moltbot models auth add --provider anthropic');
    }
    const apiKey = found.find(({ value }) => value.kind.type === 'api_key');
    if (apiKey) return apiKey.value;
    throw needsTerminal(`${providerId} takes no such credential`, 'See what it takes: moltbot backend list');
  }
}
