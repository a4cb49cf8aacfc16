import type { AdminRole } from '../../agents/admin-key.ts';
import type { Actor } from '../../audit/actor.ts';

/** Who sent a request, known before anything of it is looked at. */
export interface Caller {
  readonly role: AdminRole;
  readonly actor: Actor;
  /** On the socket the file's permissions decide who calls; over TCP an admin key does. */
  readonly via: 'socket' | 'tcp';
  /** Whose failures are counted together. */
  readonly address: string;
}
