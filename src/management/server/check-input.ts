import * as v from 'valibot';
import { looksLikeCredential } from '../../config/path.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { Schema } from './route.ts';

/** One fault of a request: where, in words, and of which kind. Never the value that was sent. */
export interface FieldFault {
  /** `["body", "auth_data", "api_key"]` */
  readonly loc: readonly string[];
  readonly msg: string;
  readonly type: string;
}

/** A request of the wrong shape, with one item per field. */
export class InvalidFieldsError extends MoltbotError {
  readonly faults: readonly FieldFault[];

  constructor(faults: readonly FieldFault[]) {
    super('INVALID_FIELDS', 'Some fields of the request are wrong.');
    this.faults = faults;
  }
}

/** What a request brought, as it came; each part is checked against its schema. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

interface Schemas {
  readonly params: Schema;
  readonly query: Schema;
  readonly body: Schema | undefined;
}

const LONGEST_KEY = 60;

/**
 * The parts as their schemas give them, or all their faults at once: INVALID_FIELDS (422); USAGE (400) where only fields
 * that are to be answered so are wrong.
 */
export function checkInput(schemas: Schemas, input: RawInput, badRequestFields: readonly string[]): RawInput {
  const params = v.safeParse(schemas.params, input.params);
  const query = v.safeParse(schemas.query, input.query);
  const body = v.safeParse(schemas.body ?? v.unknown(), input.body);
  if (params.success && query.success && body.success)
    return { params: params.output, query: query.output, body: body.output };
  const faults = [
    ...(params.issues ?? []).map((issue) => faultOf('path', issue)),
    ...(query.issues ?? []).map((issue) => faultOf('query', issue)),
    ...(body.issues ?? []).map((issue) => faultOf('body', issue)),
  ];
  const isOwn = ({ loc }: FieldFault) => loc[0] === 'body' && badRequestFields.includes(loc[1] ?? '');
  if (!faults.every(isOwn)) throw new InvalidFieldsError(faults);
  throw new MoltbotError('USAGE', faults.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg}`).join('; '));
}

function faultOf(part: string, issue: v.BaseIssue<unknown>): FieldFault {
  const path = (issue.path ?? []).map(({ key }) => shownKey(String(key)));
  const loc = [part, ...path];
  if (issue.received === 'undefined') return { loc, msg: 'Field required', type: 'missing' };
  if (issue.expected === 'never') return { loc, msg: 'Unknown field', type: 'unknown_field' };
  return { loc, msg: sentenceOf(issue), type: issue.type };
}

/** Valibot's own sentences repeat what was sent, which may be a secret; ours say only what was expected. */
function sentenceOf({ message, expected }: v.BaseIssue<unknown>): string {
  if (!message.startsWith('Invalid ')) return message;
  return expected === null ? 'Not allowed here' : `Expected ${expected}`;
}

/** A key is text from outside, and people paste credentials in the wrong place. */
function shownKey(key: string): string {
  return looksLikeCredential(key) ? '[hidden]' : printable(key.slice(0, LONGEST_KEY));
}
