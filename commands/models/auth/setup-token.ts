import { Flags } from '@oclif/core';
import { agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { addCredential } from '../../../src/cli/onboarding/add-credential.ts';
import { placeOf } from '../../../src/cli/onboarding/credential-request.ts';
import { kindOf } from '../../../src/cli/onboarding/parse-credential.ts';
import { expiryFlag, pasteFlags } from '../../../src/cli/onboarding/paste-flags.ts';
import type { StoredJson } from '../../../src/cli/onboarding/report-stored.ts';
import { runClaudeSetup } from '../../../src/cli/onboarding/run-claude-setup.ts';
import { takeSecret } from '../../../src/cli/onboarding/take-secret.ts';
import { hasTerminal } from '../../../src/cli/prompts/terminal.ts';
import { findProvider } from '../../../src/providers/registry.ts';

export default class SetupToken extends BaseCommand {
  static override summary = 'Make a setup-token with Claude Code and store it.';
  static override description =
    'On a terminal it runs "claude setup-token" when that program is there, then asks for the token. Without a terminal the token comes from stdin.';
  static override examples = ['<%= config.bin %> models auth setup-token --provider anthropic'];
  static override flags = {
    ...pasteFlags,
    ...expiryFlag,
    provider: Flags.string({ description: 'whose token', default: 'anthropic' }),
  };

  async run(): Promise<StoredJson> {
    const { flags } = await this.parse(SetupToken);
    const provider = findProvider(this.app.providers(), flags.provider);
    const kind = kindOf(provider, 'token');
    const place = placeOf(agentOf(flags), provider, 'token', flags);
    if (hasTerminal() && !(await runClaudeSetup())) {
      this.note(
        'The program "claude" is not here. Run "claude setup-token" where you are logged in, then paste the token.',
      );
    }
    const pasted = await takeSecret(kind, (line) => this.note(line));
    return addCredential(this, place, pasted, { skipTest: flags['skip-test'], vault: flags.vault });
  }
}
