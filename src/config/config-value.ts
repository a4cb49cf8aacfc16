import { MoltbotError } from '../core/errors.ts';
import { nearest } from '../core/text.ts';
import { valueAt } from './agent-edits.ts';
import type { LoadedConfig } from './load.ts';
import { type ConfigPath, formatPath, looksLikeCredential } from './path.ts';
import { knownKeysAt, schemaAt } from './schema-walk.ts';
import { withDefaults } from './with-defaults.ts';

export interface ConfigValue {
  /** With defaults, `${VAR}` as written; undefined when neither the file nor a default says anything. */
  readonly value: unknown;
  readonly from: 'file' | 'default' | 'nowhere';
}

/** What the config says at a path. A path that the schema does not know is USAGE, with a suggestion. */
export function configValueAt(loaded: LoadedConfig, path: ConfigPath): ConfigValue {
  assertKnown(path);
  const written = valueAt(loaded.raw, path);
  const value = valueAt(withDefaults(loaded.raw).config, path);
  return { value, from: written !== undefined ? 'file' : value === undefined ? 'nowhere' : 'default' };
}

/** Fails with USAGE at the first key the schema does not know. */
export function assertKnown(path: ConfigPath): void {
  const depth = path.findIndex((_, index) => schemaAt(path.slice(0, index + 1)) === undefined);
  if (depth === -1) return;
  if (looksLikeCredential(path[depth]!)) throw credentialAsKey();
  const known = knownKeysAt(path.slice(0, depth));
  const guess = nearest(path[depth]!, known);
  const where = depth === 0 ? '' : `${formatPath(path.slice(0, depth))} has: `;
  throw new MoltbotError('USAGE', `${formatPath(path)} is not a key of the config.`, {
    hint: guess
      ? `Did you mean ${formatPath([...path.slice(0, depth), guess])}?`
      : `${where}${known.join(', ') || 'no keys of its own'}. See: moltbot config schema`,
  });
}

function credentialAsKey(): MoltbotError {
  return new MoltbotError(
    'USAGE',
    'What was typed as a key of the config looks like a credential; it is not shown here.',
    {
      hint: 'Credentials are kept in the vault: moltbot models auth add. Your shell may have noted this one in its history.',
    },
  );
}
