import { randomUUID } from 'node:crypto';
import { MoltbotError } from './errors.ts';
import { printable } from './text.ts';

/** The agent that exists from the start. */
export const MAIN_AGENT = 'main';

/** Characters of a mistyped id that an error repeats. */
const MOST_SHOWN = 60;
export const AGENT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const PROVIDER_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const PROFILE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export function parseAgentId(text: string): string {
  if (AGENT_ID.test(text)) return text;
  throw new MoltbotError('USAGE', `"${shortened(text)}" is not an agent id.`, {
    hint: 'Agent ids are lower-case letters, digits and dashes, at most 63, for example: --agent reviewer',
  });
}

export function isProviderId(text: string): boolean {
  return PROVIDER_ID.test(text);
}

/** `anthropic:work` → its two parts. */
export function parseProfileId(text: string): { provider: string; name: string } {
  const colon = text.indexOf(':');
  const provider = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (colon > 0 && PROVIDER_ID.test(provider) && PROFILE_NAME.test(name)) return { provider, name };
  throw new MoltbotError('USAGE', `"${shortened(text)}" is not a profile id.`, {
    hint: 'Profile ids are provider:name, for example: anthropic:work',
  });
}

/** `anthropic:env` and `local:none`: profiles that are there without anybody having stored one. */
export function isUnstoredId(profileId: string): boolean {
  return /:(env|none)$/.test(profileId);
}

/** How the agent that was lent a profile names it: `main/anthropic:work`. */
export function grantedId(ownerAgentId: string, profileId: string): string {
  return `${ownerAgentId}/${profileId}`;
}

/** `anthropic:work`, or `main/anthropic:work` for one that is granted by the agent `main`. */
export function parseServingId(text: string): {
  ownerAgentId: string | undefined;
  profileId: string;
  provider: string;
} {
  const slash = text.indexOf('/');
  const ownerAgentId = slash === -1 ? undefined : parseAgentId(text.slice(0, slash));
  const profileId = text.slice(slash + 1);
  return { ownerAgentId, profileId, provider: parseProfileId(profileId).provider };
}

/** Enough of what was typed to know it again. */
function shortened(text: string): string {
  return printable(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text);
}

/**
 * `mbr_` + 24 hex digits: our own request id, in answers and logs. The first half is the time, so that ids of one moment
 * stand together in the ledger's index: with random ones each request wrote a page of its own (measured, 32 at a time:
 * 58 µs a request in the ledger, against 41).
 */
export function newRequestId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // From a UUID, because Node keeps random bytes for those ready.
  return `mbr_${time}${randomUUID().slice(-12)}`;
}

/** The handle that lists and revokes an access token but never authenticates. */
export function newAccessor(): string {
  return `acc_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
}

/** Names an admin key in lists and in the audit; it never authenticates. */
export function newAdminKeyId(): string {
  return `adm_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
}

/** Tells an alert that came twice from two alerts. */
export function newAlertId(): string {
  return `alt_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
}
