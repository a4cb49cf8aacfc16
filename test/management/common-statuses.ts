import { newAgentKey } from '../../src/agents/agent-key.ts';
import type { CheckedClient } from '../fakes/checked-client.ts';
import type { TestManagement } from '../fakes/test-management.ts';

export interface DocumentedRoute {
  readonly method: string;
  /** As documented: `/credentials/{id}`. */
  readonly path: string;
}

/** Every route of the OpenAPI document whose path starts so. */
export function routesBelow(client: CheckedClient, ...prefixes: readonly string[]): DocumentedRoute[] {
  return Object.entries(client.document.paths)
    .filter(([path]) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })));
}

/**
 * What every route answers to: nobody (401), an agent (403), an unknown query field (422), and a database that has lost
 * a table (500, which ends the world). Gives what came back, by route, for a comparison.
 */
export async function commonStatuses(
  world: TestManagement,
  routes: readonly DocumentedRoute[],
): Promise<Record<string, number[]>> {
  const owner = world.tcp('owner');
  const agent = world.withKey(newAgentKey('key').reveal());
  const found: Record<string, number[]> = {};
  const call = async (client: CheckedClient, { method, path }: DocumentedRoute, query = '') => {
    const { status } = await client.call(method, path.replace(/\{\w+\}/g, 'x') + query);
    found[`${method} ${path}`] = [...(found[`${method} ${path}`] ?? []), status];
  };
  for (const route of routes) {
    await call(world.withKey(null), route);
    await call(agent, route);
    await call(owner, route, '?nobody-knows-this=1');
  }
  world.app.stores().database.exec('ALTER TABLE admin_keys RENAME TO lost');
  for (const route of routes) await call(owner, route);
  world.app.stores().database.exec('ALTER TABLE lost RENAME TO admin_keys');
  return found;
}

/** The same four of each: for a comparison. */
export function expectedStatuses(routes: readonly DocumentedRoute[]): Record<string, number[]> {
  return Object.fromEntries(routes.map(({ method, path }) => [`${method} ${path}`, [401, 403, 422, 500]]));
}
