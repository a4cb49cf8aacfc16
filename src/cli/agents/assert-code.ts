import type { Enrollment } from '../../agents/enrollment-store.ts';
import { MoltbotError } from '../../core/errors.ts';
import { hasTerminal, needsTerminal } from '../prompts/terminal.ts';

/** The code that was typed must be the enrolment's; where nobody can be asked it must be typed. USAGE, ENROLLMENT_CHANGED. */
export function assertCode({ name, code }: Enrollment, typed: string | undefined): void {
  if (typed === undefined) {
    if (hasTerminal()) return;
    throw needsTerminal(`Somebody must compare the code of "${name}"`, 'Give the one the other machine shows: --code');
  }
  if (typed.trim().toUpperCase() === code) return;
  throw new MoltbotError(
    'ENROLLMENT_CHANGED',
    `That is not the code of the enrolment "${name}"; nothing was decided.`,
    {
      hint: 'Somebody else may have asked under that name: moltbot agents pending',
    },
  );
}
