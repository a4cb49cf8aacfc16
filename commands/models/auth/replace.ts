import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { addCredential } from '../../../src/cli/onboarding/add-credential.ts';
import { placeOf } from '../../../src/cli/onboarding/credential-request.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { kindOf } from '../../../src/cli/onboarding/parse-credential.ts';
import { expiryFlag } from '../../../src/cli/onboarding/paste-flags.ts';
import type { StoredJson } from '../../../src/cli/onboarding/report-stored.ts';
import { revocationPage } from '../../../src/cli/onboarding/revocation-page.ts';
import { takeSecret } from '../../../src/cli/onboarding/take-secret.ts';
import { readSecretFile, readStdin } from '../../../src/cli/prompts/read-stdin.ts';
import { findProvider } from '../../../src/providers/registry.ts';

export default class AuthReplace extends BaseCommand {
  static override summary =
    'Put a new credential in place of a profile’s; no request fails, none uses the old one afterwards.';
  static override description =
    'The new one is tested first. The profile keeps its id, place, grants and order. Requests that are running finish on the old credential.';
  static override examples = [
    '<%= config.bin %> models auth replace anthropic:work',
    'cat key.txt | <%= config.bin %> models auth replace anthropic:work --stdin',
  ];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = {
    ...agentFlag,
    ...expiryFlag,
    stdin: Flags.boolean({ description: 'the credential comes from stdin', exclusive: ['file'] }),
    file: Flags.string({ description: 'the credential is all that this file holds' }),
    'skip-test': Flags.boolean({ description: 'store it without asking the provider' }),
  };

  async run(): Promise<StoredJson> {
    const { args, flags } = await this.parse(AuthReplace);
    const agentId = agentOf(flags);
    const { profileId, provider: id, type } = knownProfile(this.app.storesForReading(), agentId, args.profile);
    const provider = findProvider(this.app.providers(), id);
    const place = placeOf(agentId, provider, type, { 'profile-id': profileId, 'expires-in': flags['expires-in'] });
    const kind = kindOf(provider, type);
    const pasted = flags.stdin
      ? await readStdin()
      : flags.file === undefined
        ? await takeSecret(kind, (line) => this.note(line))
        : readSecretFile(flags.file);
    const stored = await addCredential(this, place, pasted, { skipTest: flags['skip-test'], vault: undefined });
    const page = revocationPage(id) ?? `ask whoever runs ${id}`;
    this.log(
      `Requests that were running finish on the old one. It still works at the provider; revoke it there: ${page}`,
    );
    return stored;
  }
}
