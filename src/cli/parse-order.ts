import { MoltbotError } from '../core/errors.ts';
import { parseServingId } from '../core/ids.ts';
import { nearest } from '../core/text.ts';

/**
 * Profile ids as typed, checked: of this provider, each once and, where `known` is given, held by the agent (the key in
 * the environment, `provider:env`, counts as held). Fails with USAGE or PROFILE_NOT_FOUND.
 */
export function parseOrder(
  ids: readonly string[],
  { agentId, provider, known }: { agentId: string; provider: string; known: readonly string[] | undefined },
): string[] {
  for (const [index, id] of ids.entries()) {
    if (parseServingId(id).provider !== provider) throw usage(`${id} is not a profile of ${provider}.`);
    if (ids.indexOf(id) !== index) throw usage(`${id} is named twice.`);
    if (known && id !== `${provider}:env` && !known.includes(id)) throw notFound(agentId, id, known);
  }
  return [...ids];
}

function usage(message: string): MoltbotError {
  return new MoltbotError('USAGE', message, { hint: 'See: moltbot models auth order set --help' });
}

function notFound(agentId: string, id: string, known: readonly string[]): MoltbotError {
  const guess = nearest(id, known);
  return new MoltbotError('PROFILE_NOT_FOUND', `The agent ${agentId} has no profile ${id}.`, {
    hint: guess ? `Did you mean ${guess}?` : `See its profiles: moltbot models auth list --agent ${agentId}`,
  });
}
