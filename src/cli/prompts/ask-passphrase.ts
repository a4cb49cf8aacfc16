import type { Secret } from '../../core/secret.ts';
import { askSecret } from './ask-secret.ts';

/** The file vault's passphrase, where a person sits at a terminal. */
export function askPassphrase(use: 'open' | 'create'): Promise<Secret> {
  return askSecret(use === 'open' ? 'Passphrase of the vault:' : 'A passphrase for the new vault:');
}
