import { headerOf, type RawHeaders } from './raw-headers.ts';

/** In order of authority; the first that is sent names the session. */
const SESSION_HEADERS = ['x-claude-code-session-id', 'x-session-id', 'session-id', 'x-session-affinity'];
/** A session is a key in memory: its length is bounded. */
const LONGEST_SESSION = 200;

/** The session a request says it belongs to: a header, else the body's own hint; undefined leaves it to the token. */
export function sessionOf(raw: RawHeaders, bodyHint: string | undefined): string | undefined {
  for (const name of SESSION_HEADERS) {
    const value = headerOf(raw, name)?.trim();
    if (value) return value.slice(0, LONGEST_SESSION);
  }
  return bodyHint ? bodyHint.slice(0, LONGEST_SESSION) : undefined;
}

/** Whether the client is Claude Code, by what it says of itself: subscription profiles serve only that. */
export function isClaudeCode(raw: RawHeaders): boolean {
  return headerOf(raw, 'x-app') === 'cli' || (headerOf(raw, 'user-agent')?.startsWith('claude-cli/') ?? false);
}
