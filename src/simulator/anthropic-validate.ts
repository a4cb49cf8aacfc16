import type { Exchange, WholeAnswer } from './answer.ts';
import { isRecord } from './answer-text.ts';
import { cacheMarkComplaint } from './cache-marks.ts';
import { errorAnswer } from './errors.ts';

const MAX_OUTPUT_TOKENS = 128_000;

/** The provider's 400 or 404 for a wrong Messages or count_tokens request; undefined when it is right. */
export function refuseMessages(exchange: Exchange, needsMaxTokens: boolean): WholeAnswer | undefined {
  const { json, headers, received, book } = exchange;
  const refuse = (message: string) => errorAnswer('anthropic', 'invalid_request', received.requestId, { message });
  if (headers['anthropic-version'] === undefined) return refuse('anthropic-version: header is required');
  if (json === undefined) return refuse('The request body is not valid JSON.');
  const complaint =
    fieldComplaint(json, needsMaxTokens) ??
    cacheMarkComplaint(json) ??
    versionComplaint(json, String(headers['anthropic-version']));
  if (complaint !== undefined) return refuse(complaint);
  if (book.models.has(received.model!)) return undefined;
  return errorAnswer('anthropic', 'model_not_found', received.requestId, { model: received.model });
}

function fieldComplaint(json: Record<string, unknown>, needsMaxTokens: boolean): string | undefined {
  if (typeof json.model !== 'string') return 'model: Field required';
  const messages = json.messages;
  if (messages === undefined) return 'messages: Field required';
  if (!Array.isArray(messages)) return 'messages: Input should be a valid list';
  if (messages.length === 0) return 'messages: at least one message is required';
  return needsMaxTokens ? maxTokensComplaint(json.max_tokens) : undefined;
}

function maxTokensComplaint(value: unknown): string | undefined {
  if (value === undefined) return 'max_tokens: Field required';
  if (!Number.isInteger(value)) return 'max_tokens: Input should be a valid integer';
  if ((value as number) < 1) return 'max_tokens: Input should be greater than or equal to 1';
  if ((value as number) <= MAX_OUTPUT_TOKENS) return undefined;
  return `max_tokens: ${value} > ${MAX_OUTPUT_TOKENS}, which is the maximum allowed number of output tokens`;
}

/** From version 2026-10-21 on, sampling parameters and two kinds of content are refused. */
function versionComplaint(json: Record<string, unknown>, version: string): string | undefined {
  if (version < '2026-10-21') return undefined;
  for (const name of ['temperature', 'top_p', 'top_k']) {
    if (json[name] !== undefined) return `${name}: is not supported with anthropic-version ${version}`;
  }
  for (const message of json.messages as unknown[]) {
    if (!isRecord(message) || !Array.isArray(message.content)) continue;
    for (const block of message.content) {
      const complaint = isRecord(block) ? blockComplaint(message.role, block) : undefined;
      if (complaint !== undefined) return complaint;
    }
  }
  return undefined;
}

function blockComplaint(role: unknown, block: Record<string, unknown>): string | undefined {
  if (role === 'assistant' && block.type === 'document') return 'messages: document blocks are user content';
  const citations = block.citations;
  if (role === 'user' && block.type === 'text' && Array.isArray(citations) && citations.length > 0) {
    return 'messages: text blocks of a user may not have citations';
  }
  return undefined;
}
