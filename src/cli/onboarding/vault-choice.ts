import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { openVault, pickVault } from '../../vault/open.ts';
import type { Vault } from '../../vault/vault.ts';
import { askSecret } from '../prompts/ask-secret.ts';
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
  const configured = app.config().config.vault?.kind;
  const place = { stateDir: app.paths.stateDir, env: { ...app.env }, ...(hasTerminal() && { askPassphrase }) };
  if (wanted !== undefined && configured !== undefined && wanted !== configured) throw otherVault(configured, wanted);
  const named = wanted ?? configured;
  if (named === undefined) {
    const { vault, why } = await pickVault(place);
    return { vault, kind: vault.kind === 'file' ? 'file' : 'keychain', isNew: true, why };
  }
  const vault = openVault(named, place);
  await assertReady(vault);
  const why =
    named === 'file' ? 'Credentials go into an encrypted file.' : 'Credentials go into the keychain of this system.';
  return { vault, kind: named, isNew: configured === undefined, why };
}

/** Only where a person sits at a terminal. */
function askPassphrase(use: 'open' | 'create'): Promise<Secret> {
  return askSecret(use === 'open' ? 'Passphrase of the vault:' : 'A passphrase for the new vault:');
}

async function assertReady(vault: Vault): Promise<void> {
  const { condition, detail } = await vault.condition();
  const canBeAsked = condition === 'locked' && vault.kind === 'file' && hasTerminal();
  if (condition === 'ready' || canBeAsked) return;
  const code = { locked: 'VAULT_LOCKED', unavailable: 'VAULT_UNAVAILABLE', damaged: 'VAULT_DAMAGED' } as const;
  throw new MoltbotError(code[condition], `The ${vault.kind} vault is ${condition}: ${detail}`, {
    hint: 'Nothing was stored. See what is wrong with: moltbot doctor',
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
