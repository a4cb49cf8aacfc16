import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { openVault, pickVault } from '../../vault/open.ts';
import type { Vault } from '../../vault/vault.ts';
import { askPassphrase } from '../prompts/ask-passphrase.ts';
import { hasTerminal } from '../prompts/terminal.ts';

export type VaultKind = 'keychain' | 'file';

/** Where new credentials go. */
export interface VaultChoice {
  readonly vault: Vault;
  readonly kind: VaultKind;
  /** Whether the config must be told; false when it already says so. */
  readonly isNew: boolean;
  /** One sentence for the person. */
  readonly why: string;
}

/**
 * The vault that was asked for, else the configured one, else the one that works here (keychain first). A vault that is
 * configured is never changed by itself: other profiles rest in it. Fails with USAGE for another kind than the configured
 * one, and as the vault says when it does not open.
 */
export async function chooseVault(app: App, wanted: VaultKind | undefined): Promise<VaultChoice> {
  const named = await namedVault(app, wanted);
  if (named) return named;
  const { vault, why } = await pickVault(placeOf(app));
  return { vault, kind: vault.kind === 'file' ? 'file' : 'keychain', isNew: true, why };
}

/**
 * The same where there is nothing to pick, else undefined. It writes nothing, so it is asked before a test call is paid
 * for: a credential that could not be stored need not be tested.
 */
export async function namedVault(app: App, wanted: VaultKind | undefined): Promise<VaultChoice | undefined> {
  const configured = app.config().config.vault?.kind;
  if (wanted !== undefined && configured !== undefined && wanted !== configured) throw otherVault(configured, wanted);
  const kind = wanted ?? configured;
  if (kind === undefined) return undefined;
  const vault = openVault(kind, placeOf(app));
  await assertReady(vault);
  return { vault, kind, isNew: configured === undefined, why: WHERE[kind] };
}

const WHERE: Readonly<Record<VaultKind, string>> = {
  file: 'Credentials go into an encrypted file.',
  keychain: 'Credentials go into the keychain of this system.',
};

function placeOf(app: App) {
  return { stateDir: app.paths.stateDir, env: { ...app.env }, ...(hasTerminal() && { askPassphrase }) };
}

async function assertReady(vault: Vault): Promise<void> {
  const { condition, detail, hint } = await vault.condition();
  const canBeAsked = condition === 'locked' && vault.kind === 'file' && hasTerminal();
  if (condition === 'ready' || canBeAsked) return;
  const code = { locked: 'VAULT_LOCKED', unavailable: 'VAULT_UNAVAILABLE', damaged: 'VAULT_DAMAGED' } as const;
  throw new MoltbotError(code[condition], `The ${vault.kind} vault is ${condition}: ${detail}`, {
    hint: `Nothing was stored. ${hint ?? 'See what is wrong with: moltbot doctor'}`,
  });
}

function otherVault(configured: VaultKind, wanted: VaultKind): MoltbotError {
  return new MoltbotError(
    'USAGE',
    `The vault of this set-up is "${configured}"; --vault ${wanted} would be a second one.`,
    {
      hint: `Leave --vault out, or use another set-up with MOLTBOT_HOME.`,
    },
  );
}
