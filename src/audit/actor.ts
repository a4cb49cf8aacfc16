import { userInfo } from 'node:os';

/** Who decided something: a person at this machine, an admin key, an agent by its key, or the gateway by itself. */
export type Actor = `person:${string}` | `admin:${string}` | `agent:${string}` | 'gateway';

/** The person whose user this process runs as. */
export function thisPerson(): Actor {
  return `person:${userName()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user id that has no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
