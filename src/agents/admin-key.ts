import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

export const ADMIN_KEY_PREFIX = 'mbm_';

/** `owner` may do everything, `admin` all but admin keys and where the management API listens. */
export const ADMIN_ROLES = ['owner', 'admin'] as const;

export type AdminRole = (typeof ADMIN_ROLES)[number];

export function adminKeyNotFound(id: string): MoltbotError {
  return new MoltbotError('ADMIN_KEY_NOT_FOUND', `There is no admin key "${printable(id)}".`, {
    hint: 'See which there are: moltbot admin keys list',
  });
}
