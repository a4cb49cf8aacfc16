import type { App } from '../../app.ts';
import { Secret } from '../../core/secret.ts';
import { findProvider } from '../../providers/registry.ts';
import { readSecretFile, readStdin } from '../prompts/read-stdin.ts';
import { type CredentialRequest, placeOf } from './credential-request.ts';
import type { PlannedCredential, SecretSource } from './onboard-plan.ts';
import { parseCredential } from './parse-credential.ts';
import { type PreparedCredential, prepareCredential } from './prepare-credential.ts';
import { chooseVault, namedVault, type VaultChoice, type VaultKind } from './vault-choice.ts';

/** What the flags of `onboard` say beside the credentials. */
export interface PlanSettings {
  readonly agentId: string;
  readonly vault?: VaultKind | undefined;
  readonly 'profile-id'?: string | undefined;
  readonly 'base-url'?: string | undefined;
  readonly 'token-expires-in'?: string | undefined;
  readonly 'skip-test': boolean;
}

/** The planned credentials with their secrets, every form checked: nothing has been asked of a provider yet. */
export async function readPlanned(
  app: App,
  planned: readonly PlannedCredential[],
  settings: PlanSettings,
): Promise<CredentialRequest[]> {
  const places = planned.map(({ providerId, type }) => {
    const expiresIn = type === 'token' ? settings['token-expires-in'] : undefined;
    const provider = findProvider(app.providers(), providerId);
    return placeOf(settings.agentId, provider, type, { ...settings, 'expires-in': expiresIn });
  });
  const requests: CredentialRequest[] = [];
  for (const [index, place] of places.entries()) {
    const pasted = await readSource(planned[index]!.source);
    requests.push({ ...place, secret: parseCredential(place.provider, place.type, pasted) });
  }
  return requests;
}

/** Every credential tested, and the vault they will all go to. Nothing is written when one of them is refused. */
export async function preparePlanned(
  app: App,
  requests: readonly CredentialRequest[],
  settings: PlanSettings,
): Promise<{ prepared: PreparedCredential[]; vault: VaultChoice }> {
  const named = await namedVault(app, settings.vault);
  const prepared: PreparedCredential[] = [];
  for (const request of requests) {
    prepared.push(await prepareCredential(app, request, { skipTest: settings['skip-test'] }));
  }
  return { prepared, vault: named ?? (await chooseVault(app, settings.vault)) };
}

async function readSource(source: SecretSource): Promise<Secret> {
  if (source.kind === 'flag') return new Secret(source.text);
  return source.kind === 'file' ? readSecretFile(source.path) : readStdin();
}
