import { join } from 'node:path';
import { isMoltbotError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import { FileVault } from '../../src/vault/file.ts';
import { dieAtStep } from './die-at-step.ts';

/**
 * A process of its own that works on a file vault: `vault-child.ts <directory> <name> <count> <secret> <die at step>`
 * stores `count` profiles `<name>:0`, `<name>:1`, … and prints `{ done, steps }` or `{ code, message, hint }`.
 */
const [directory, name, count, secret, step] = process.argv.slice(2) as [string, string, string, string, string];
const vault = new FileVault({
  path: join(directory, 'vault.age'),
  identity: { kind: 'key file', path: join(directory, 'vault.key') },
});
const counted = await dieAtStep(Number(step));
try {
  for (let n = 0; n < Number(count); n++)
    await vault.set(
      { agentId: 'main', profileId: `${name}:${n}` },
      { secret: new Secret(secret), origin: 'https://api.example.com' },
    );
  console.log(JSON.stringify({ done: true, steps: counted.steps() }));
} catch (error) {
  if (!isMoltbotError(error)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
}
