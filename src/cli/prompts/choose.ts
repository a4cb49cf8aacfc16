import { printable } from '../../core/text.ts';

export interface Choice<T> {
  readonly name: string;
  readonly value: T;
  readonly description?: string;
}

/** One of several, with the arrow keys; on stderr. Only with a terminal: without one the prompt would wait for ever. */
export async function choose<T>(message: string, choices: readonly Choice<T>[], preselected?: T): Promise<T> {
  const { select } = await import('@inquirer/prompts');
  const items = choices.map((choice) => ({ ...choice, name: printable(choice.name) }));
  const settings = { message, choices: items, pageSize: 12, loop: false };
  return select(preselected === undefined ? settings : { ...settings, default: preselected }, {
    output: process.stderr,
  });
}

/** Yes or no; on stderr. */
export async function confirm(message: string, preselected: boolean): Promise<boolean> {
  const prompts = await import('@inquirer/prompts');
  return prompts.confirm({ message, default: preselected }, { output: process.stderr });
}
