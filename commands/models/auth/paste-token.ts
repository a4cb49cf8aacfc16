import { Flags } from '@oclif/core';
import { agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { addCredential } from '../../../src/cli/onboarding/add-credential.ts';
import { placeOf } from '../../../src/cli/onboarding/credential-request.ts';
import { kindOf } from '../../../src/cli/onboarding/parse-credential.ts';
import { expiryFlag, pasteFlags } from '../../../src/cli/onboarding/paste-flags.ts';
import type { StoredJson } from '../../../src/cli/onboarding/report-stored.ts';
import { takeSecret } from '../../../src/cli/onboarding/take-secret.ts';
import { findProvider } from '../../../src/providers/registry.ts';

export default class PasteToken extends BaseCommand {
  static override summary = 'Store a setup-token, by hidden paste or from stdin; tested before it is saved.';
  static override examples = [
    '<%= config.bin %> models auth paste-token --provider anthropic',
    'cat token.txt | <%= config.bin %> models auth paste-token --provider anthropic --expires-in 365d',
  ];
  static override flags = {
    ...pasteFlags,
    ...expiryFlag,
    provider: Flags.string({ description: 'whose token', default: 'anthropic' }),
  };

  async run(): Promise<StoredJson> {
    const { flags } = await this.parse(PasteToken);
    const provider = findProvider(this.app.providers(), flags.provider);
    const kind = kindOf(provider, 'token');
    const place = placeOf(agentOf(flags), provider, 'token', flags);
    const pasted = await takeSecret(kind, (line) => this.note(line));
    return addCredential(this, place, pasted, { skipTest: flags['skip-test'], vault: flags.vault });
  }
}
