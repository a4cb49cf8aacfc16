import type { Catalog } from './catalog.ts';
import { SHIPPED } from './shipped.ts';

let read: () => Catalog = () => SHIPPED;

/** What this process goes by: the shipped catalog until another one is put in its place. Throws as its source throws. */
export function catalogInForce(): Catalog {
  return read();
}

/**
 * For the two that know which state directory this process works for, and for nobody else: the composition root, and a
 * running gateway, which meets a newer one. Names of models are looked up in pure rules everywhere, so the catalog is a
 * fact of the process, like its environment, and no argument.
 */
export function putInForce(source: () => Catalog): void {
  read = source;
}
