import type { App } from '../../app.ts';
import type { Secret } from '../../core/secret.ts';
import type { BaseCommand } from '../base-command.ts';
import type { CredentialPlace } from './credential-request.ts';
import { gatewayHasNoticed } from './gateway-has-noticed.ts';
import { parseCredential } from './parse-credential.ts';
import { prepareCredential } from './prepare-credential.ts';
import { type StoredJson, storedJson, storedText } from './report-stored.ts';
import { storeCredentials } from './store-credentials.ts';
import { TOKEN_TERMS } from './token-terms.ts';
import { chooseVault, namedVault, type VaultKind } from './vault-choice.ts';

/**
 * The straight line of every command that stores one credential: form, test call, vault, write, say so. Nothing is
 * written before the last step.
 */
export async function addCredential(
  command: BaseCommand & { readonly app: App },
  place: CredentialPlace,
  pasted: Secret,
  options: { readonly skipTest: boolean; readonly vault: VaultKind | undefined },
): Promise<StoredJson> {
  const { app } = command;
  if (place.type === 'token') command.note(TOKEN_TERMS);
  const secret = parseCredential(place.provider, place.type, pasted);
  const named = await namedVault(app, options.vault);
  const prepared = await prepareCredential(app, { ...place, secret }, options);
  const vault = named ?? (await chooseVault(app, options.vault));
  if (vault.isNew) command.note(`${vault.why} The config now says so.`);
  const [stored] = await storeCredentials(app, [prepared], { vault });
  if (stored!.replaced) await gatewayHasNoticed(app.paths);
  command.log(storedText(stored!, app.config().config, app.now()));
  return storedJson(stored!);
}
