import type { App } from '../../app.ts';
import type { CredentialKind, CredentialType, Provider } from '../../providers/provider.ts';
import { askSecret } from '../prompts/ask-secret.ts';
import { type Choice, choose, confirm } from '../prompts/choose.ts';
import { placeOf } from './credential-request.ts';
import { modelChoices, preselectedModel } from './model-choice.ts';
import { parseCredential } from './parse-credential.ts';
import { type PreparedCredential, prepareCredential } from './prepare-credential.ts';
import { runClaudeSetup } from './run-claude-setup.ts';
import { configEdits } from './store-credentials.ts';
import { TOKEN_TERMS } from './token-terms.ts';
import { chooseVault, namedVault, type VaultChoice, type VaultKind } from './vault-choice.ts';

/** What the person's answers come to. Nothing is written yet. */
export interface WizardResult {
  readonly prepared: PreparedCredential;
  readonly vault: VaultChoice;
  readonly defaultModel: string | undefined;
}

export interface WizardOptions {
  readonly agentId: string;
  /** Already known from the flags. */
  readonly type?: CredentialType | undefined;
  readonly profileId?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly expiresIn?: string | undefined;
  readonly model?: string | undefined;
  readonly vault?: VaultKind | undefined;
  readonly skipTest: boolean;
  readonly note: (line: string) => void;
}

/**
 * Asks: provider and kind → hidden paste → real test call → default model → vault, and shows what it will write.
 * 'demo' is the choice to try it with the simulator; undefined when the person says no at the end.
 */
export async function runWizard(app: App, options: WizardOptions): Promise<WizardResult | 'demo' | undefined> {
  const chosen = await askKind(app, options.type);
  if (chosen === 'demo') return 'demo';
  const { provider, kind } = chosen;
  const place = placeOf(options.agentId, provider, kind.type, {
    'profile-id': options.profileId,
    'base-url': options.baseUrl,
    'expires-in': options.expiresIn,
  });
  const secret = parseCredential(provider, kind.type, await askCredential(kind, options.note));
  await namedVault(app, options.vault);
  if (!options.skipTest) options.note(`Asking ${provider.displayName} whether it takes it …`);
  const prepared = await prepareCredential(app, { ...place, secret }, { skipTest: options.skipTest });
  if (prepared.test) options.note(`It ${prepared.test.detail} in ${prepared.test.latencyMs} ms.`);
  const defaultModel = options.model ?? (await askModel(app, provider));
  const vault = await askVault(app, options.vault);
  showPlan(app, { prepared, vault, defaultModel }, options.note);
  return (await confirm('Write this?', true)) ? { prepared, vault, defaultModel } : undefined;
}

async function askKind(
  app: App,
  type: CredentialType | undefined,
): Promise<{ provider: Provider; kind: CredentialKind } | 'demo'> {
  const real = [...app.providers().values()].flatMap((provider) =>
    provider.credentials
      .filter((kind) => type === undefined || kind.type === type)
      .map((kind) => ({ name: kind.label, value: { provider, kind }, description: kind.source })),
  );
  const demo: Choice<'demo'> = {
    name: 'Try it with the simulator, no key needed',
    value: 'demo',
    description: 'A provider on this machine that costs nothing; nothing of yours is changed.',
  };
  return choose<{ provider: Provider; kind: CredentialKind } | 'demo'>(
    'What do you want to use?',
    type === undefined ? [demo, ...real] : real,
    type === undefined ? real[0]?.value : undefined,
  );
}

async function askCredential(kind: CredentialKind, note: (line: string) => void) {
  if (kind.type === 'token') {
    note(TOKEN_TERMS);
    if (await confirm('Run "claude setup-token" here now?', false)) {
      if (!(await runClaudeSetup())) note('The program "claude" is not here.');
    }
  }
  note(kind.source);
  return askSecret(`Paste the ${kind.label}, then Enter:`);
}

/** Asked once: a default that is set already is a person's choice. */
async function askModel(app: App, provider: Provider): Promise<string | undefined> {
  const { agents, models } = app.config().config;
  if (agents.defaults.model.primary !== undefined) return undefined;
  const choices = modelChoices(provider.id, models.prices, app.now());
  if (choices.length === 0) return undefined;
  return choose('Which model is the default?', choices, preselectedModel(provider.id, provider.testCall?.model));
}

/** Asked only where there is something to choose. */
async function askVault(app: App, wanted: VaultKind | undefined): Promise<VaultChoice> {
  const picked = await chooseVault(app, wanted);
  if (!picked.isNew || wanted !== undefined || picked.kind === 'file') return picked;
  const kind = await choose<VaultKind>('Where shall secrets rest?', [
    { name: 'In the keychain of this system', value: 'keychain', description: picked.why },
    {
      name: 'In an encrypted file',
      value: 'file',
      description: 'Its key is a second file, outside the state directory.',
    },
  ]);
  return kind === picked.kind ? picked : chooseVault(app, kind);
}

function showPlan(app: App, { prepared, vault, defaultModel }: WizardResult, note: (line: string) => void): void {
  const { place, origin } = prepared;
  note(`\nThis will be written:`);
  for (const { path, value } of configEdits(vault, defaultModel)) {
    note(`  ${app.paths.configFile}: ${path.join('.')} = ${JSON.stringify(value)}`);
  }
  const where = vault.kind === 'keychain' ? 'the keychain' : app.paths.vaultFile;
  note(`  ${where}: the credential of ${place.profileId}, for ${origin} only (${vault.why})`);
  note(`  ${app.paths.databaseFile}: the profile ${place.profileId} of agent ${place.agentId}`);
}
