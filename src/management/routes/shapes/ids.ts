import * as v from 'valibot';
import { AGENT_ID, isProviderId } from '../../../core/ids.ts';
import { printable } from '../../../core/text.ts';

const PROFILE_ID = /^[a-z0-9][a-z0-9-]{0,62}:[a-z0-9][a-z0-9._-]{0,62}$/;

/** A provider key or one of ours, alone or after a separator: pasted into the wrong field, it must not be repeated. */
const CREDENTIAL = /(^|[^A-Za-z0-9])(sk|xai|mb[ampst])[-_]\S{12}/;

export const agentIdSchema = v.pipe(
  v.string(),
  v.regex(AGENT_ID, 'Expected an agent id: lower-case letters, digits and dashes, at most 63'),
);

export const providerIdSchema = v.pipe(v.string(), v.check(isProviderId, 'Expected a provider id'));

/** Text that people will read: no control characters, no marks that turn its direction, nothing like a credential. */
export function plainText(most: number) {
  return v.pipe(
    v.string(),
    v.minLength(1, 'Expected some text'),
    v.maxLength(most, `Expected at most ${most} characters`),
    v.check((text) => printable(text) === text, 'Expected text without control characters'),
    v.check((text) => !CREDENTIAL.test(text), 'Expected text without a credential in it'),
  );
}

/** Up to the last time that can be shown (ECMA-262, 21.4.1.1); larger numbers are none that the database gives back. */
export const timeSchema = v.pipe(
  v.number(),
  v.integer('Expected a whole number'),
  v.minValue(0),
  v.maxValue(8.64e15),
  v.description('Epoch milliseconds.'),
);

/** Limits that count something. */
export const countSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));

export const profileIdSchema = v.pipe(
  v.string(),
  v.regex(PROFILE_ID, 'Expected a profile id: provider:name, as anthropic:work'),
);
