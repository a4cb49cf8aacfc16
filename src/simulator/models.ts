import { type Answer, type Exchange, jsonAnswer } from './answer.ts';
import { errorAnswer } from './errors.ts';
import type { Family } from './script-schema.ts';

const ANTHROPIC = [
  ...['claude-fable-5-1', 'claude-fable-5', 'claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7'],
  ...['claude-opus-4-6', 'claude-opus-4-5', 'claude-sonnet-5-5', 'claude-sonnet-5', 'claude-sonnet-4-6'],
  ...['claude-sonnet-4-5', 'claude-sonnet-4-20250514', 'claude-haiku-5-5', 'claude-haiku-4-5'],
  'claude-haiku-4-5-20251001',
];
const OPENAI = [
  ...['gpt-5', 'gpt-5.1', 'gpt-5-mini', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-6-luna', 'gpt-6-sol', 'gpt-6.1-sol', 'gpt-4o'],
  ...['gpt-4o-mini', 'text-embedding-3-small', 'text-embedding-3-large'],
];
const XAI = ['grok-4-0709', 'grok-4', 'grok-4-fast', 'grok-4-1-fast', 'grok-4.7', 'grok-code-fast-1'];

/** Known without being scripted. */
export const KNOWN_MODELS: readonly string[] = [...ANTHROPIC, ...OPENAI, ...XAI];

const CREATED_AT = '2026-01-01T00:00:00Z';

/** `GET /v1/models` and `GET /v1/models/{id}`. */
export function answerModels(exchange: Exchange): Answer {
  const { family, id, received, book } = exchange;
  if (exchange.route === 'models') return jsonAnswer(200, listOf(exchange));
  if (!book.models.has(id)) return errorAnswer(family, 'model_not_found', received.requestId, { model: id });
  return jsonAnswer(200, family === 'anthropic' ? anthropicModel(id) : openaiModel(id, family));
}

function listOf({ family, book, received }: Exchange) {
  const mine = [...book.models].filter((id) => familyOf(id) === family);
  if (family !== 'anthropic') return { object: 'list', data: mine.map((id) => openaiModel(id, family)) };
  const query = new URLSearchParams(received.query);
  const start = mine.indexOf(query.get('after_id') ?? '') + 1;
  const end = start + Number(query.get('limit') ?? 20);
  const page = mine.slice(start, end);
  const ends = { first_id: page[0] ?? null, last_id: page.at(-1) ?? null };
  return { data: page.map(anthropicModel), has_more: end < mine.length, ...ends };
}

function familyOf(id: string): Family {
  if (id.startsWith('claude')) return 'anthropic';
  return id.startsWith('grok') ? 'xai' : 'openai';
}

function anthropicModel(id: string) {
  return { type: 'model', id, display_name: id, created_at: CREATED_AT };
}

function openaiModel(id: string, family: Family) {
  return { id, object: 'model', created: 1_767_225_600, owned_by: family };
}
