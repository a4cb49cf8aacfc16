import type { AuditLog } from '../audit/audit-log.ts';
import { newAdminKeyId } from '../core/ids.ts';
import type { Secret } from '../core/secret.ts';
import type { Database } from '../database/database.ts';
import { type AdminRole, adminKeyNotFound } from './admin-key.ts';
import type { AdminKey, AdminKeyStore } from './admin-key-store.ts';
import type { By } from './change-agents.ts';

/** Admin keys and the record of who changed them. */
export interface AdminKeyBooks {
  readonly database: Database;
  readonly adminKeys: AdminKeyStore;
  readonly audit: AuditLog;
}

/** Makes an admin key, which is given out once and never stored. */
export function createAdminKey(
  books: AdminKeyBooks,
  { role, label }: { readonly role: AdminRole; readonly label: string },
  { actor, nowMs }: By,
): { key: Secret; record: AdminKey } {
  return books.database.transaction(() => {
    const created = books.adminKeys.create(newAdminKeyId(), role, label, nowMs);
    books.audit.append(
      { actor, action: 'admin_key.created', subject: created.record.id, detail: { role, label } },
      nowMs,
    );
    return created;
  });
}

/** Ends an admin key at once; false when it was revoked before. ADMIN_KEY_NOT_FOUND. */
export function revokeAdminKey(books: AdminKeyBooks, id: string, { actor, nowMs }: By): boolean {
  return books.database.transaction(() => {
    if (!books.adminKeys.find(id)) throw adminKeyNotFound(id);
    const was = books.adminKeys.revoke(id, nowMs);
    if (was) books.audit.append({ actor, action: 'admin_key.revoked', subject: id }, nowMs);
    return was;
  });
}
