import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { Route } from '../../providers/provider.ts';

export interface RouteMatch {
  readonly route: Route;
  /** What stood in the place of `{id}`, percent-decoded; undefined for routes without one. */
  readonly id: string | undefined;
}

/**
 * The allow-list: which route a path below the provider (`messages`, `models/claude-x`) is.
 * @throws ROUTE_NOT_FOUND with how to allow it; METHOD_NOT_ALLOWED when only the method is wrong.
 */
export function matchRoute(method: string, path: string, routes: readonly Route[], provider: string): RouteMatch {
  let wrongMethod = false;
  for (const route of routes) {
    const id = idIn(route.path, path);
    if (id === false) continue;
    if (route.methods.includes(method)) return { route, id: id === '' ? undefined : decodeURIComponent(id) };
    wrongMethod = true;
  }
  if (wrongMethod) throw methodNotAllowed(method, path, routes);
  throw routeNotFound(path, provider);
}

/** The methods a path takes, for the `allow` header of a 405. */
export function allowedMethods(path: string, routes: readonly Route[]): readonly string[] {
  return [...new Set(routes.filter((route) => idIn(route.path, path) !== false).flatMap((route) => route.methods))];
}

/** The segment at `{id}`; `''` when the pattern has none and the path is equal; false when it does not match. */
function idIn(pattern: string, path: string): string | false {
  const brace = pattern.indexOf('{id}');
  if (brace < 0) return pattern === path ? '' : false;
  const tail = pattern.slice(brace + 4);
  const end = path.length - tail.length;
  if (end <= brace || !path.startsWith(pattern.slice(0, brace)) || !path.endsWith(tail)) return false;
  const id = path.slice(brace, end);
  return id.includes('/') ? false : id;
}

function methodNotAllowed(method: string, path: string, routes: readonly Route[]): MoltbotError {
  return new MoltbotError('METHOD_NOT_ALLOWED', `${printable(method)} is not allowed on /v1/${printable(path)}.`, {
    hint: `Use ${allowedMethods(path, routes).join(' or ')}.`,
  });
}

function routeNotFound(path: string, provider: string): MoltbotError {
  return new MoltbotError(
    'ROUTE_NOT_FOUND',
    `/v1/${printable(path)} is not a route of ${provider} that is let through.`,
    {
      hint: `Whoever runs this gateway can allow it: moltbot config set models.providers.${provider}.allowRoutes '["${printable(path)}"]'`,
    },
  );
}
