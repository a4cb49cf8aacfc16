import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** From here on nothing can be read out of this home's file vault: every call fails with VAULT_DAMAGED. */
export function damageVault({ home }: { readonly home: string }): void {
  writeFileSync(join(home, 'vault.age'), 'age-encryption.org/v1\nnot any more\n', { mode: 0o600 });
}
