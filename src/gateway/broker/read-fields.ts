import * as v from 'valibot';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { readShortBody } from '../admit/read-body.ts';
import type { Exchange } from '../exchange.ts';

const MOST_NAMED = 5;
const LONGEST_PATH = 60;

/**
 * The body of a route of our own. No body counts as `{}`. BAD_REQUEST for what is not JSON, INVALID_FIELDS that names each
 * field; what was sent is never repeated, because it may be a credential in the wrong place.
 */
export async function readFields<T>(exchange: Exchange, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const result = v.safeParse(schema, parseJson(await readShortBody(exchange)));
  if (result.success) return result.output;
  const problems = result.issues.slice(0, MOST_NAMED).map(problemOf);
  throw new MoltbotError('INVALID_FIELDS', `The body has wrong fields: ${problems.join('; ')}.`, {
    hint: 'Send the fields of this route and no others.',
  });
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    // An empty list would pass for an object without fields.
    if (!Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new MoltbotError('BAD_REQUEST', 'The body is not a JSON object.', { hint: 'Send one JSON object.' });
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'the body';
  const name = printable(path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH - 1)}…` : path);
  return issue.expected === 'never' ? `${name} is not known` : `${name} must be ${issue.expected ?? 'something else'}`;
}
