import type { IncomingHttpHeaders } from 'node:http';
import type { Answer, Exchange } from './answer.ts';
import { answerCountTokens, answerMessages } from './anthropic-messages.ts';
import { answerMessageBatches } from './batches.ts';
import { answerEmbeddings } from './embeddings.ts';
import { answerFileBatches } from './file-batches.ts';
import { answerFiles } from './files.ts';
import type { IssuedKey } from './keys.ts';
import { answerModels } from './models.ts';
import { answerChat } from './openai-chat.ts';
import { answerCreateResponse, answerStoredResponse } from './openai-responses.ts';
import type { Family } from './script-schema.ts';

export interface RouteEntry {
  /** Whose route it is; `both` is told apart by prefix, header or key. */
  readonly dialect: 'anthropic' | 'openai' | 'both';
  readonly methods: readonly string[];
  readonly answer: (exchange: Exchange) => Answer;
}

const anthropic = (methods: string[], answer: RouteEntry['answer']): RouteEntry => ({
  dialect: 'anthropic',
  methods,
  answer,
});
const openai = (methods: string[], answer: RouteEntry['answer']): RouteEntry => ({
  dialect: 'openai',
  methods,
  answer,
});
const both = (methods: string[], answer: RouteEntry['answer']): RouteEntry => ({ dialect: 'both', methods, answer });

/** Path below `/v1/` → what answers it. */
export const ROUTES: ReadonlyMap<string, RouteEntry> = new Map([
  ['messages', anthropic(['POST'], answerMessages)],
  ['messages/count_tokens', anthropic(['POST'], answerCountTokens)],
  ['messages/batches', anthropic(['POST', 'GET'], answerMessageBatches)],
  ['messages/batches/{id}', anthropic(['GET', 'DELETE'], answerMessageBatches)],
  ['messages/batches/{id}/results', anthropic(['GET'], answerMessageBatches)],
  ['messages/batches/{id}/cancel', anthropic(['POST'], answerMessageBatches)],
  ['chat/completions', openai(['POST'], answerChat)],
  ['responses', openai(['POST'], answerCreateResponse)],
  ['responses/{id}', openai(['GET', 'DELETE'], answerStoredResponse)],
  ['responses/{id}/cancel', openai(['POST'], answerStoredResponse)],
  ['embeddings', openai(['POST'], answerEmbeddings)],
  ['batches', openai(['POST', 'GET'], answerFileBatches)],
  ['batches/{id}', openai(['GET'], answerFileBatches)],
  ['batches/{id}/cancel', openai(['POST'], answerFileBatches)],
  ['models', both(['GET'], answerModels)],
  ['models/{id}', both(['GET'], answerModels)],
  ['files', both(['POST', 'GET'], answerFiles)],
  ['files/{id}', both(['GET', 'DELETE'], answerFiles)],
  ['files/{id}/content', both(['GET'], answerFiles)],
]);

export interface Place {
  /** Fixed by the path's prefix: `/anthropic`, `/openai`, `/xai`. */
  readonly prefix: Family | null;
  /** Path below `/v1/` with ids replaced; null when it is none of ours. */
  readonly route: string | null;
  readonly id: string;
}

const PATH = /^(?:\/(anthropic|openai|xai))?\/v1\/(.+)$/;

export function placeOf(path: string): Place {
  const match = PATH.exec(path);
  if (!match) return { prefix: prefixOf(path), route: null, id: '' };
  const prefix = (match[1] as Family | undefined) ?? null;
  const rest = match[2]!;
  if (ROUTES.has(rest)) return { prefix, route: rest, id: '' };
  const segments = rest.split('/');
  for (let index = segments.length - 1; index > 0; index--) {
    const route = segments.with(index, '{id}').join('/');
    if (ROUTES.has(route)) return { prefix, route, id: decoded(segments[index]!) };
  }
  return { prefix, route: null, id: '' };
}

function prefixOf(path: string): Family | null {
  return (/^\/(anthropic|openai|xai)(?=\/)/.exec(path)?.[1] as Family | undefined) ?? null;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoding: the segment is then an id nobody has, which is what the answer will say.
    return segment;
  }
}

/** Whose answer a request wants: by prefix, by route, else by what it says of itself. */
export function familyOf(place: Place, headers: IncomingHttpHeaders, issued: IssuedKey | undefined): Family {
  if (place.prefix) return place.prefix;
  const dialect = place.route === null ? 'both' : ROUTES.get(place.route)!.dialect;
  if (dialect === 'anthropic') return 'anthropic';
  const saysAnthropic = headers['anthropic-version'] !== undefined || headers['x-api-key'] !== undefined;
  if (dialect === 'both' && (saysAnthropic || issued?.provider === 'anthropic')) return 'anthropic';
  if (issued?.provider === 'xai') return 'xai';
  return /^bearer +xai-/i.test(headers.authorization ?? '') ? 'xai' : 'openai';
}
