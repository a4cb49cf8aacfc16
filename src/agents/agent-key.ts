import type { Secret } from '../core/secret.ts';
import { isWellFormedKeyText, newKeyText } from './key-text.ts';

/** How an agent says who it is: by agent key, or by the client secret of OAuth client credentials. */
export type AgentKeyKind = 'key' | 'client_secret';

export const AGENT_KEY_PREFIXES: Readonly<Record<AgentKeyKind, string>> = { key: 'mba_', client_secret: 'mbs_' };

/** A new long-lived identity of an agent. It can ask for access tokens, and end itself; nothing else. */
export function newAgentKey(kind: AgentKeyKind): Secret {
  return newKeyText(AGENT_KEY_PREFIXES[kind]);
}

/** Whether the text has the form of that kind and its checksum fits. */
export function isWellFormedAgentKey(kind: AgentKeyKind, text: string): boolean {
  return isWellFormedKeyText(AGENT_KEY_PREFIXES[kind], text);
}
