import type { Find, ReadContext, Reading } from '../../../src/cli/import/find.ts';

/** A file that is read where these variables are set. */
export function contextOf(tool: string, variables: Readonly<Record<string, string>> = {}, file = '/f'): ReadContext {
  return { file, tool, variable: (name) => variables[name] };
}

/** The finds with the secret as a text, and without what is the same for all. */
export function shown({ finds }: Reading): object[] {
  return finds.map(({ file: _, value, ...rest }: Find) => ({
    ...Object.fromEntries(Object.entries(rest).filter(([, each]) => each !== undefined)),
    ...(value.kind === 'secret' ? { secret: value.secret.reveal() } : { reason: value.reason }),
  }));
}
