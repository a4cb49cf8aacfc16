import * as v from 'valibot';
import { baseUrlEntry, secretEntries } from './auth-data.ts';

export const oneCredential = v.strictObject({ id: v.string() });
export const newAuthData = v.strictObject({ ...secretEntries, base_url: v.optional(baseUrlEntry) });

/** What sends secrets somewhere new is widening. */
export const ELSEWHERE = 'send a credential to another address';
