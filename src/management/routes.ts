import { adminKeyRoutes } from './routes/admin-key-routes.ts';
import { openapiRoute } from './routes/openapi-route.ts';
import type { Route } from './server/route.ts';

/** Every route of the management API. */
export const ROUTES: readonly Route[] = [openapiRoute(() => ROUTES), ...adminKeyRoutes];
