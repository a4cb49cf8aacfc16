import * as v from 'valibot';
import { ADMIN_ROLES } from '../../agents/admin-key.ts';
import type { AdminKey } from '../../agents/admin-key-store.ts';
import { createAdminKey, revokeAdminKey } from '../../agents/change-admin-keys.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';

const adminKeySchema = v.strictObject({
  id: v.string(),
  role: v.picklist(ADMIN_ROLES),
  label: v.string(),
  createdAt: v.number(),
  lastUsedAt: v.nullable(v.number()),
  revokedAt: v.nullable(v.number()),
});

/** Keys for this API over TCP: for owners only. */
export const adminKeyRoutes = [
  route({
    method: 'GET',
    path: '/admin-keys',
    summary: 'List the admin keys, newest first.',
    role: 'owner',
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(adminKeySchema) },
    handle({ management, query, reply }) {
      const page = pageFrom(management.stores.adminKeys.list(), query, ({ id }) => id);
      return reply(200, { ...page, items: page.items.map(shown) });
    },
  }),
  route({
    method: 'POST',
    path: '/admin-keys',
    summary: 'Make an admin key; the key itself is in this answer and nowhere else.',
    role: 'owner',
    widens: () => 'make an admin key',
    body: v.strictObject({
      role: v.picklist(ADMIN_ROLES),
      label: v.optional(v.pipe(v.string(), v.maxLength(100)), ''),
    }),
    answers: { 201: v.strictObject({ ...adminKeySchema.entries, key: v.string() }) },
    handle({ management, by, body, reply }) {
      const { key, record } = createAdminKey(management.stores, body, by);
      return reply(201, { ...shown(record), key: key.reveal() });
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin-keys/{id}',
    summary: 'Revoke an admin key at once.',
    role: 'owner',
    params: v.strictObject({ id: v.string() }),
    answers: { 204: null },
    errors: [404],
    handle({ management, by, params, reply }) {
      revokeAdminKey(management.stores, params.id, by);
      return reply(204);
    },
  }),
];

function shown({ createdAtMs, lastUsedAtMs, revokedAtMs, ...key }: AdminKey) {
  return { ...key, createdAt: createdAtMs, lastUsedAt: lastUsedAtMs, revokedAt: revokedAtMs };
}
