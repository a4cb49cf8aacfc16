import * as v from 'valibot';
import { MAIN_AGENT } from '../../core/ids.ts';
import { findProvider } from '../../providers/registry.ts';
import { baseUrlEntry, destinationOf, secretEntries, secretIn } from '../credentials/auth-data.ts';
import { changeCredential } from '../credentials/change-credential.ts';
import { ELSEWHERE, newAuthData, oneCredential } from '../credentials/credential-fields.ts';
import { findCredential } from '../credentials/credential-id.ts';
import { makeDefault } from '../credentials/make-default.ts';
import { assertFreePlace } from '../credentials/new-place.ts';
import {
  credentialSchema,
  shownCredential,
  shownCredentials,
  shownTest,
  storedSchema,
} from '../credentials/shown-credential.ts';
import { assertFuture, storeCredential } from '../credentials/store-credential.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { agentIdSchema, profileIdSchema, providerIdSchema, timeSchema } from './shapes/ids.ts';

/** Credentials of agents: stored, tested, changed, never shown. */
export const credentialRoutes = [
  route({
    method: 'POST',
    path: '/credentials',
    summary: 'Store a credential, once the provider has accepted it.',
    role: 'admin',
    widens: ({ body }) => (body.auth_data.base_url === undefined ? undefined : ELSEWHERE),
    body: v.strictObject({
      provider: providerIdSchema,
      agent: v.optional(agentIdSchema, MAIN_AGENT),
      profile: v.optional(profileIdSchema),
      auth_data: newAuthData,
      make_default: v.optional(v.boolean(), false),
      expires_at: v.optional(timeSchema),
      skip_test: v.optional(v.boolean(), false),
    }),
    badRequestFields: ['auth_data'],
    answers: { 201: storedSchema },
    errors: [400, 404, 409, 502, 503],
    async handle({ management, caller, by, body, reply }) {
      const provider = findProvider(management.providers(), body.provider);
      const credential = secretIn(provider, body.auth_data);
      const destination = destinationOf(provider, body.auth_data.base_url, caller.via);
      const place = {
        agentId: body.agent,
        profileId: body.profile ?? `${provider.id}:${credential.type === 'token' ? 'manual' : 'default'}`,
      };
      assertFreePlace(management.stores.profiles, provider.id, place);
      assertFuture(body.expires_at, by.nowMs);
      const { profile, test } = await storeCredential(
        management,
        place,
        { provider, ...credential, destination },
        { expiresAtMs: body.expires_at, skipTest: body.skip_test, mustBeNew: true },
        by,
      );
      if (body.make_default) makeDefault(management, profile, by);
      return reply(201, { ...shownCredential(management, profile), test: test && shownTest(test) });
    },
  }),
  route({
    method: 'GET',
    path: '/credentials',
    summary: 'List the stored credentials, by agent and profile.',
    role: 'admin',
    query: v.strictObject({ ...pageQuery, agent: v.optional(agentIdSchema), provider: v.optional(providerIdSchema) }),
    answers: { 200: pageOf(credentialSchema) },
    handle({ management, query, reply }) {
      const all = management.stores.profiles
        .list(query.agent)
        .filter(({ provider }) => query.provider === undefined || provider === query.provider);
      const page = pageFrom(all, query, (profile) => `${profile.agentId}/${profile.profileId}`);
      return reply(200, { ...page, items: shownCredentials(management, page.items) });
    },
  }),
  route({
    method: 'GET',
    path: '/credentials/{id}',
    summary: 'Show a credential.',
    role: 'admin',
    params: oneCredential,
    answers: { 200: credentialSchema },
    errors: [404],
    handle: ({ management, params, reply }) =>
      reply(200, shownCredential(management, findCredential(management, params.id))),
  }),
  route({
    method: 'PATCH',
    path: '/credentials/{id}',
    summary: 'Change what is known of a credential; another origin needs the secret again.',
    role: 'admin',
    widens: ({ body }) => (body.auth_data === undefined ? undefined : ELSEWHERE),
    params: oneCredential,
    body: v.strictObject({
      profile: v.optional(profileIdSchema),
      expires_at: v.optional(v.nullable(timeSchema)),
      auth_data: v.optional(v.strictObject({ ...secretEntries, base_url: v.nullable(baseUrlEntry) })),
    }),
    badRequestFields: ['auth_data'],
    answers: { 200: credentialSchema },
    errors: [400, 404, 409, 502, 503],
    async handle({ management, caller, by, params, body, reply }) {
      const profile = findCredential(management, params.id);
      if (body.profile !== undefined)
        assertFreePlace(management.stores.profiles, profile.provider, { ...profile, profileId: body.profile });
      const changed = await changeCredential(management, { profile, change: body, via: caller.via }, by);
      return reply(200, shownCredential(management, changed));
    },
  }),
  route({
    method: 'DELETE',
    path: '/credentials/{id}',
    summary: 'Remove a credential with its secret; answers it is serving are cut.',
    role: 'admin',
    params: oneCredential,
    answers: { 204: null },
    errors: [404, 503],
    async handle({ management, by, params, reply }) {
      const profile = findCredential(management, params.id);
      await management.credentials(by.actor).remove(profile.agentId, profile.profileId);
      return reply(204);
    },
  }),
];
