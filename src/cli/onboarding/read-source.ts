import { Secret } from '../../core/secret.ts';
import { readSecretFile, readStdin } from '../prompts/read-stdin.ts';
import type { SecretSource } from './onboard-plan.ts';

/** The text of a credential from where the flags say it is. */
export async function readSource(source: SecretSource): Promise<Secret> {
  if (source.kind === 'flag') return new Secret(source.text);
  return source.kind === 'file' ? readSecretFile(source.path) : readStdin();
}
