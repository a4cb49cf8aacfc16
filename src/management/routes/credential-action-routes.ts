import * as v from 'valibot';
import { resetProfile } from '../../profiles/reset-profile.ts';
import { findProvider } from '../../providers/registry.ts';
import { destinationOf, secretEntries, secretIn } from '../credentials/auth-data.ts';
import { ELSEWHERE, newAuthData, oneCredential } from '../credentials/credential-fields.ts';
import { findCredential } from '../credentials/credential-id.ts';
import { makeDefault } from '../credentials/make-default.ts';
import { replaceSecret } from '../credentials/replace-secret.ts';
import {
  credentialEntries,
  credentialSchema,
  shownCredential,
  shownTest,
  storedSchema,
  testSchema,
} from '../credentials/shown-credential.ts';
import { testStoredCredential, tryCandidate } from '../credentials/test-credential.ts';
import { route } from '../server/route.ts';
import { providerIdSchema, timeSchema } from './shapes/ids.ts';

/** What is done with credentials beside storing and changing them. */
export const credentialActionRoutes = [
  route({
    method: 'POST',
    path: '/credentials/test-temporary',
    summary: 'Ask the provider about a credential without storing it.',
    role: 'admin',
    widens: ({ body }) => (body.auth_data.base_url === undefined ? undefined : ELSEWHERE),
    body: v.strictObject({
      provider: providerIdSchema,
      auth_data: newAuthData,
      model: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
    }),
    badRequestFields: ['auth_data'],
    answers: { 200: testSchema },
    errors: [400, 404],
    async handle({ management, caller, body, reply }) {
      const provider = findProvider(management.providers(), body.provider);
      const destination = destinationOf(provider, body.auth_data.base_url, caller.via);
      const candidate = { provider, ...secretIn(provider, body.auth_data), destination };
      return reply(200, shownTest(await tryCandidate(management, candidate, body.model)));
    },
  }),
  route({
    method: 'PUT',
    path: '/credentials/{id}/secret',
    summary: 'Replace the secret; running requests finish on the old one.',
    role: 'admin',
    params: oneCredential,
    body: v.strictObject({
      auth_data: v.strictObject(secretEntries),
      expires_at: v.optional(v.nullable(timeSchema)),
      skip_test: v.optional(v.boolean(), false),
    }),
    badRequestFields: ['auth_data'],
    answers: { 200: storedSchema },
    errors: [400, 404, 502, 503],
    async handle({ management, by, params, body, reply }) {
      const profile = findCredential(management, params.id);
      const stored = await replaceSecret(management, profile, body, by);
      return reply(200, {
        ...shownCredential(management, stored.profile),
        test: stored.test && shownTest(stored.test),
      });
    },
  }),
  route({
    method: 'POST',
    path: '/credentials/{id}/test',
    summary: 'Ask the provider about a stored credential; a pass clears a disabled state.',
    role: 'admin',
    params: oneCredential,
    answers: { 200: testSchema },
    errors: [404, 409, 503],
    async handle({ management, by, params, reply }) {
      const profile = findCredential(management, params.id);
      return reply(200, shownTest(await testStoredCredential({ management, by }, profile)));
    },
  }),
  route({
    method: 'POST',
    path: '/credentials/{id}/set-default',
    summary: "Put a credential first in its agent's order.",
    role: 'admin',
    params: oneCredential,
    answers: { 200: credentialSchema },
    errors: [404],
    handle({ management, by, params, reply }) {
      const profile = findCredential(management, params.id);
      makeDefault(management, profile, by);
      return reply(200, shownCredential(management, profile));
    },
  }),
  route({
    method: 'POST',
    path: '/credentials/{id}/reset',
    summary: 'Clear the cooldowns and the disabled state of a credential.',
    role: 'admin',
    params: oneCredential,
    answers: { 200: v.strictObject({ ...credentialEntries, cleared: v.number() }) },
    errors: [404],
    handle({ management, by, params, reply }) {
      const profile = findCredential(management, params.id);
      const cleared = resetProfile(management.stores, profile.agentId, profile.profileId, by);
      return reply(200, { ...shownCredential(management, profile), cleared });
    },
  }),
];
