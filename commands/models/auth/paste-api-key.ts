import { Flags } from '@oclif/core';
import { agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { addCredential } from '../../../src/cli/onboarding/add-credential.ts';
import { placeOf } from '../../../src/cli/onboarding/credential-request.ts';
import { kindOf } from '../../../src/cli/onboarding/parse-credential.ts';
import { expiryFlag, pasteFlags } from '../../../src/cli/onboarding/paste-flags.ts';
import type { StoredJson } from '../../../src/cli/onboarding/report-stored.ts';
import { takeSecret } from '../../../src/cli/onboarding/take-secret.ts';
import { findProvider } from '../../../src/providers/registry.ts';

export default class PasteApiKey extends BaseCommand {
  static override summary = 'Store an API key, by hidden paste or from stdin; tested before it is saved.';
  static override examples = [
    '<%= config.bin %> models auth paste-api-key --provider anthropic',
    'cat key.txt | <%= config.bin %> models auth paste-api-key --provider xai --profile-id xai:work',
  ];
  static override flags = {
    ...pasteFlags,
    ...expiryFlag,
    provider: Flags.string({ description: 'whose key: anthropic, xai, openai or one you defined', required: true }),
  };

  async run(): Promise<StoredJson> {
    const { flags } = await this.parse(PasteApiKey);
    const provider = findProvider(this.app.providers(), flags.provider);
    const kind = kindOf(provider, 'api_key');
    const place = placeOf(agentOf(flags), provider, 'api_key', flags);
    const pasted = await takeSecret(kind, (line) => this.note(line));
    return addCredential(this, place, pasted, { skipTest: flags['skip-test'], vault: flags.vault });
  }
}
