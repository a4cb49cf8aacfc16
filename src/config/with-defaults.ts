import * as v from 'valibot';
import { hasReference } from './environment.ts';
import { type Config, configSchema } from './schema.ts';

type Issue = v.BaseIssue<unknown>;

/** What a file says, as an object with every default filled in, and what the schema minds. */
export function withDefaults(raw: unknown): { config: Config; issues: Issue[] } {
  const { output, issues = [] } = v.safeParse(configSchema, raw);
  return { config: output as Config, issues: issues.filter((issue) => !isReference(issue)) };
}

/** `${VAR}` in the place of one of several words: what it is filled in with is judged when it is used. */
function isReference({ type, input }: Issue): boolean {
  return (type === 'picklist' || type === 'literal') && typeof input === 'string' && hasReference(input);
}
