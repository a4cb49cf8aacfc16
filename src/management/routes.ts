import { adminKeyRoutes } from './routes/admin-key-routes.ts';
import { agentKeyRoutes } from './routes/agent-key-routes.ts';
import { agentRoutes } from './routes/agent-routes.ts';
import { alertRoutes } from './routes/alert-routes.ts';
import { auditRoutes } from './routes/audit-routes.ts';
import { budgetRoutes } from './routes/budget-routes.ts';
import { credentialActionRoutes } from './routes/credential-action-routes.ts';
import { credentialRoutes } from './routes/credential-routes.ts';
import { enrollmentRoutes } from './routes/enrollment-routes.ts';
import { grantRoutes } from './routes/grant-routes.ts';
import { integrationRoutes } from './routes/integration-routes.ts';
import { observingRoutes } from './routes/observing-routes.ts';
import { openapiRoute } from './routes/openapi-route.ts';
import { pauseRoutes } from './routes/pause-routes.ts';
import { statusRoutes } from './routes/status-routes.ts';
import { tokenRoutes } from './routes/token-routes.ts';
import { usageCacheRoute } from './routes/usage-cache-route.ts';
import { usageRoutes } from './routes/usage-routes.ts';
import type { Route } from './server/route.ts';

/** Every route of the management API. */
export const ROUTES: readonly Route[] = [
  openapiRoute(() => ROUTES),
  ...adminKeyRoutes,
  ...agentRoutes,
  ...agentKeyRoutes,
  ...tokenRoutes,
  ...enrollmentRoutes,
  ...grantRoutes,
  usageCacheRoute,
  ...budgetRoutes,
  ...usageRoutes,
  ...pauseRoutes,
  ...statusRoutes,
  ...auditRoutes,
  ...alertRoutes,
  ...observingRoutes,
  ...credentialRoutes,
  ...credentialActionRoutes,
  ...integrationRoutes,
];
