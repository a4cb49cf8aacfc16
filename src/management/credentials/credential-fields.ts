import * as v from 'valibot';
import { baseUrlEntry, secretEntries } from './auth-data.ts';

/** Fields that several routes take. */
export const agentId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Expected an agent id'));
export const providerId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Expected a provider id'));
export const profileId = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,62}:[a-z0-9][a-z0-9._-]{0,62}$/, 'Expected a profile id, provider:name'),
);
export const expiresAt = v.pipe(
  v.number(),
  v.integer('Expected a whole number'),
  v.minValue(0),
  // The last time that can be shown; larger numbers are none that the database gives back.
  v.maxValue(8.64e15),
  v.description('Epoch milliseconds.'),
);
export const oneCredential = v.strictObject({ id: v.string() });
export const newAuthData = v.strictObject({ ...secretEntries, base_url: v.optional(baseUrlEntry) });

/** What sends secrets somewhere new is widening. */
export const ELSEWHERE = 'send a credential to another address';
