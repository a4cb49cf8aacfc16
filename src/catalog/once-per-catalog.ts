import type { Catalog } from './catalog.ts';
import { catalogInForce } from './in-force.ts';

/**
 * The same function, which works a thing out once: every request asks for it, and it follows from an object of the
 * configuration and from the names of the catalog in force.
 */
export function oncePerCatalog<From extends object, T>(workOut: (from: From) => T): (from: From) => T {
  const known = new WeakMap<From, { readonly catalog: Catalog; readonly value: T }>();
  return (from) => {
    const catalog = catalogInForce();
    const earlier = known.get(from);
    if (earlier?.catalog === catalog) return earlier.value;
    const value = workOut(from);
    known.set(from, { catalog, value });
    return value;
  };
}
