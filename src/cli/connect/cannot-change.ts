import type { ConfigEdit } from '../../config/apply-edits.ts';
import { formatPath } from '../../config/path.ts';
import { MoltbotError } from '../../core/errors.ts';

/** A change that a program cannot make without a risk for what else is in the file. */
export function cannotChange(edits: readonly ConfigEdit[], cause: unknown): MoltbotError {
  const keys = edits.map(({ path }) => formatPath(path)).join(', ');
  return new MoltbotError('CONFIG_EDIT_REFUSED', `These settings cannot be changed safely by a program: ${keys}.`, {
    hint: 'Nothing was changed. What is there has another form than the client documents: correct it by hand first.',
    cause,
  });
}
