import type { By } from '../agents/change-agents.ts';
import type { App } from '../app.ts';
import { thisPerson } from '../audit/actor.ts';

/** A decision of the person at this machine, made now. */
export function byPerson(app: App): By {
  return { actor: thisPerson(), nowMs: app.now() };
}
