import type { AuditLog } from '../../src/audit/audit-log.ts';
import { ROUTES } from '../../src/management/routes.ts';
import type { KnownRoute } from './every-route.ts';

/** Every route of the management API, below its prefix and bare, from the table the listeners route by; and nothings. */
export function everyManagementRoute(): KnownRoute[] {
  const declared = ROUTES.flatMap(({ method, path }) => {
    const filled = path.replaceAll(/\{\w+\}/g, 'abc');
    return [`/api/v1${filled}`, filled].map((each) => ({ method, path: each }));
  });
  return [...declared, ...['/', '/api', '/api/v1', '/nothing'].map((path) => ({ method: 'GET', path }))];
}

/** How many decisions the audit tells of. Refused requests are in it, too, and change nothing. */
export function decisionsIn(audit: AuditLog): number {
  return audit.after({ limit: 100_000 }).filter(({ action }) => action !== 'request.refused').length;
}
