import { agentOf, BaseCommand, jsonList } from '../src/cli/base-command.ts';
import { parseDefaultModel } from '../src/cli/onboarding/model-choice.ts';
import { offerGuard } from '../src/cli/onboarding/offer-guard.ts';
import { onboardFlags } from '../src/cli/onboarding/onboard-flags.ts';
import { type PlannedCredential, planOnboarding } from '../src/cli/onboarding/onboard-plan.ts';
import type { PreparedCredential } from '../src/cli/onboarding/prepare-credential.ts';
import { type PlanSettings, preparePlanned, readPlanned } from '../src/cli/onboarding/prepare-planned.ts';
import { storedJson, storedText } from '../src/cli/onboarding/report-stored.ts';
import { storeCredentials } from '../src/cli/onboarding/store-credentials.ts';
import { TOKEN_TERMS, visibleInProcessList } from '../src/cli/onboarding/token-terms.ts';
import { chooseVault } from '../src/cli/onboarding/vault-choice.ts';
import { runWizard } from '../src/cli/onboarding/wizard.ts';
import { hasTerminal, needsTerminal } from '../src/cli/prompts/terminal.ts';
import { typedProgram } from '../src/cli/typed-program.ts';
import { MoltbotError } from '../src/core/errors.ts';
import { agentOption } from '../src/rotation/messages.ts';

export default class Onboard extends BaseCommand {
  static override summary = 'Set up: a credential, tested before it is saved, a default model, a vault.';
  static override description =
    'Without flags it asks. With credentials as flags it asks nothing; with --json it prints one object for one credential and a list for several.';
  static override examples = [
    '<%= config.bin %> onboard',
    '<%= config.bin %> onboard --anthropic-api-key "$KEY" --vault file --json',
    'cat key.txt | <%= config.bin %> onboard --xai-api-key -',
  ];
  static override flags = onboardFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Onboard);
    const plan = planOnboarding(flags);
    const agentId = agentOf(flags);
    const model = flags.model === undefined ? undefined : parseDefaultModel(this.app.config().config, flags.model);
    const settings = { ...flags, agentId, model };
    if (plan.kind === 'skip') return this.#chooseVaultOnly(settings);
    if (plan.kind === 'credentials') return this.#withoutQuestions(plan.credentials, settings);
    if (flags['non-interactive'] || this.jsonEnabled() || !hasTerminal()) {
      throw needsTerminal(
        'No credential was given',
        'Give one: moltbot onboard --anthropic-api-key-file <file> (see moltbot onboard --help)',
      );
    }
    return this.#withQuestions(plan.type, settings);
  }

  async #withoutQuestions(planned: readonly PlannedCredential[], settings: Settings): Promise<object> {
    const typed = planned.flatMap(({ source }) => (source.kind === 'flag' ? [source.flag] : []));
    if (typed.length > 0) this.note(visibleInProcessList(typed));
    if (planned.some(({ type }) => type === 'token')) this.note(TOKEN_TERMS);
    const requests = await readPlanned(this.app, planned, settings);
    const { prepared, vault } = await preparePlanned(this.app, requests, settings);
    if (vault.isNew) this.note(`${vault.why} The config now says so.`);
    return this.#store(prepared, { vault, defaultModel: settings.model });
  }

  async #withQuestions(type: 'api_key' | 'token' | undefined, settings: Settings): Promise<object> {
    const answer = await runWizard(this.app, {
      agentId: settings.agentId,
      type,
      profileId: settings['profile-id'],
      baseUrl: settings['base-url'],
      expiresIn: settings['token-expires-in'],
      model: settings.model,
      vault: settings.vault,
      skipTest: settings['skip-test'],
      note: (line) => this.note(line),
    });
    if (answer === undefined) throw new MoltbotError('INTERRUPTED', 'Nothing was written.');
    if (answer === 'demo') {
      await this.config.runCommand('demo');
      return { demo: true };
    }
    return this.#store([answer.prepared], answer, () => offerGuard(this.app, (line) => this.note(line)));
  }

  async #store(
    prepared: readonly PreparedCredential[],
    settings: Parameters<typeof storeCredentials>[2],
    askMore?: () => Promise<void>,
  ): Promise<object> {
    const stored = await storeCredentials(this.app, prepared, settings);
    const { config } = this.app.config();
    for (const each of stored) this.log(storedText(each, config, this.app.now()));
    await askMore?.();
    const { agentId } = stored[0]!.profile;
    this.log(
      `Next: ${typedProgram()} run${agentOption(agentId)} -- claude   (or look around: ${typedProgram()} models status${agentOption(agentId)})`,
    );
    return stored.length === 1 ? storedJson(stored[0]!) : jsonList(stored.map(storedJson));
  }

  async #chooseVaultOnly({ agentId, vault: wanted, model }: Settings): Promise<object> {
    const vault = await chooseVault(this.app, wanted);
    await storeCredentials(this.app, [], { vault, defaultModel: model });
    this.log(`${vault.why} No credential was stored. Next: moltbot models auth add${agentOption(agentId)}`);
    return { agentId, vault: vault.kind, skipped: true };
  }
}

type Settings = PlanSettings & { readonly model: string | undefined };
