import type { Secret } from '../../core/secret.ts';
import type { CredentialKind } from '../../providers/provider.ts';
import { askSecret } from '../prompts/ask-secret.ts';
import { readStdin } from '../prompts/read-stdin.ts';
import { hasTerminal } from '../prompts/terminal.ts';

/** One credential: pasted without being shown where there is a terminal, else all that stdin holds. */
export async function takeSecret(kind: CredentialKind, note: (line: string) => void): Promise<Secret> {
  if (!hasTerminal()) return readStdin();
  note(kind.source);
  return askSecret(`Paste the ${kind.label}, then Enter:`);
}
