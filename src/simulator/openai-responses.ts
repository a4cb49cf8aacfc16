import { type Answer, type Exchange, type Grammar, jsonAnswer } from './answer.ts';
import { deltasOf, isRecord, textOf, tokensOf } from './answer-text.ts';
import { errorAnswer, openaiErrorFields } from './errors.ts';
import { refuseOpenai } from './openai-validate.ts';
import { ownerOf } from './owner.ts';
import { namedEvent, STREAM_HEADERS } from './sse.ts';
import { xaiTicks } from './xai-ticks.ts';

type Fields = Record<string, unknown>;
type Item = Fields & { id: string; type: string };

/** `POST /v1/responses`: whole, streamed or in the background. */
export function answerCreateResponse(exchange: Exchange): Answer {
  const refusal = refuseOpenai(exchange, 'input') ?? refusePrevious(exchange);
  if (refusal) return refusal;
  const json = exchange.json!;
  const response = responseOf(exchange);
  if (json.store !== false) {
    exchange.book.responses.set(response.id, { id: response.id, owner: ownerOf(exchange), value: response });
  }
  if (json.stream === true) {
    const frames = responseFrames(exchange, response);
    return { headers: STREAM_HEADERS, frames, grammar: responsesGrammar };
  }
  if (json.background === true) return jsonAnswer(200, { ...response, status: 'queued', output: [], usage: null });
  return jsonAnswer(200, response);
}

/** `GET /v1/responses/{id}` and `POST /v1/responses/{id}/cancel`. */
export function answerStoredResponse(exchange: Exchange): Answer {
  const stored = exchange.book.responses.get(exchange.id);
  if (stored?.owner !== ownerOf(exchange)) {
    const message = `Response with id '${exchange.id}' not found.`;
    return errorAnswer(exchange.family, 'not_found', exchange.received.requestId, { message });
  }
  if (exchange.route === 'responses/{id}') {
    if (exchange.method !== 'DELETE') return jsonAnswer(200, stored.value);
    exchange.book.responses.delete(exchange.id);
    return jsonAnswer(200, { id: exchange.id, object: 'response', deleted: true });
  }
  return jsonAnswer(200, { ...stored.value, status: 'cancelled' });
}

function refusePrevious(exchange: Exchange) {
  const previous = exchange.json!.previous_response_id;
  if (typeof previous !== 'string' || exchange.book.responses.get(previous)?.owner === ownerOf(exchange)) return;
  return errorAnswer(exchange.family, 'invalid_request', exchange.received.requestId, {
    message: `Previous response with id '${previous}' not found.`,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });
}

function responseOf(exchange: Exchange) {
  const { book, received, settings } = exchange;
  const json = exchange.json!;
  return {
    id: book.nextId('resp_'),
    object: 'response',
    created_at: Math.floor(received.receivedAtMs / 1000),
    ...endOf(settings.stopReason),
    background: json.background === true,
    instructions: json.instructions ?? null,
    max_output_tokens: json.max_output_tokens ?? null,
    model: received.model,
    output: outputOf(exchange),
    parallel_tool_calls: json.parallel_tool_calls ?? true,
    previous_response_id: json.previous_response_id ?? null,
    store: json.store ?? true,
    temperature: json.temperature ?? null,
    tool_choice: json.tool_choice ?? 'auto',
    tools: json.tools ?? [],
    top_p: json.top_p ?? null,
    metadata: isRecord(json.metadata) ? json.metadata : {},
    usage: { ...usageOf(exchange), ...settings.usage },
  };
}

/** How a response ended: completed, failed, or cut off for a reason. */
function endOf(stopReason: string | undefined) {
  if (stopReason === undefined) return { status: 'completed', error: null, incomplete_details: null };
  if (stopReason !== 'failed') return { status: 'incomplete', error: null, incomplete_details: { reason: stopReason } };
  const error = { code: 'server_error', message: 'The model failed to generate a response.' };
  return { status: 'failed', error, incomplete_details: null };
}

function outputOf({ book, settings }: Exchange): Item[] {
  const text = deltasOf(settings).join('');
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
  const items: Item[] = [{ id: book.nextId('msg_'), type: 'message', status: 'completed', role: 'assistant', content }];
  if (settings.toolUse) {
    const { name, input } = settings.toolUse;
    const call = { call_id: book.nextId('call_'), name, arguments: JSON.stringify(input) };
    items.push({ id: book.nextId('fc_'), type: 'function_call', status: 'completed', ...call });
  }
  return items;
}

function usageOf({ family, body, settings }: Exchange) {
  const input = tokensOf(body.length);
  const output = tokensOf(textOf(settings).length);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
    ...(family === 'xai' ? { num_sources_used: 0, cost_in_usd_ticks: xaiTicks(input, output) } : {}),
  };
}

function responseFrames(exchange: Exchange, response: ReturnType<typeof responseOf>): string[] {
  const unfinished = { ...response, status: 'in_progress', output: [], usage: null };
  const events: [type: string, fields: Fields][] = [
    ['response.created', { response: unfinished }],
    ['response.in_progress', { response: unfinished }],
    ...response.output.flatMap((item, index) => itemEvents(exchange, item, index)),
    [`response.${response.status}`, { response }],
  ];
  return events.map(([type, fields], sequence_number) => namedEvent(type, { sequence_number, ...fields }));
}

function itemEvents(exchange: Exchange, item: Item, output_index: number): [string, Fields][] {
  const empty = item.type === 'message' ? { content: [] } : { arguments: '' };
  const at = { item_id: item.id, output_index };
  return [
    ['response.output_item.added', { output_index, item: { ...item, status: 'in_progress', ...empty } }],
    ...(item.type === 'message' ? messageEvents(exchange, at) : callEvents(item, at)),
    ['response.output_item.done', { output_index, item }],
  ];
}

function messageEvents({ settings }: Exchange, itemAt: Fields): [string, Fields][] {
  const at = { ...itemAt, content_index: 0 };
  const deltas = deltasOf(settings);
  const part = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
  return [
    ['response.content_part.added', { ...at, part: part('') }],
    ...deltas.map((delta): [string, Fields] => ['response.output_text.delta', { ...at, delta, logprobs: [] }]),
    ['response.output_text.done', { ...at, text: deltas.join(''), logprobs: [] }],
    ['response.content_part.done', { ...at, part: part(deltas.join('')) }],
  ];
}

function callEvents(item: Item, at: Fields): [string, Fields][] {
  const text = String(item.arguments);
  return [
    ['response.function_call_arguments.delta', { ...at, delta: text }],
    ['response.function_call_arguments.done', { ...at, name: item.name, arguments: text }],
  ];
}

const responsesGrammar: Grammar = {
  ping: ': ping\n\n',
  garbage: 'event: response.output_text.delta\ndata: {"type":"response.outp<<garbage>>\n\n',
  delta: (delta) =>
    namedEvent('response.output_text.delta', {
      sequence_number: 0,
      item_id: 'msg_more',
      output_index: 0,
      content_index: 0,
      delta,
    }),
  error: (name, message) => {
    const fields = openaiErrorFields(name, { message });
    const code = fields.code ?? fields.type;
    return namedEvent('error', { code, message: fields.message, param: null, sequence_number: 0 });
  },
};
