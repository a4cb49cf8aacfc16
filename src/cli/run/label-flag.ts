import { Flags } from '@oclif/core';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { hideCredentials } from '../hide-credentials.ts';

const LONGEST = 100;

/** What a token carries for budgets and lists: of `get` and `run`. */
export const labelFlag = {
  label: Flags.string({ description: 'a label that the token carries: budgets can count by it', helpValue: 'nightly' }),
};

/** USAGE for what is no label; a credential in the place of one is neither kept nor repeated. */
export function labelFrom(text: string | undefined): string | undefined {
  const isFine = text === undefined || (text !== '' && text.length <= LONGEST && printable(text) === text);
  if (isFine && (text === undefined || hideCredentials(text) === text)) return text;
  throw new MoltbotError('USAGE', `--label takes up to ${LONGEST} plain characters.`, {
    hint: 'For example: --label nightly',
  });
}
