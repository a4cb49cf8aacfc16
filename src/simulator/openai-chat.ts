import { type Answer, type Exchange, type Grammar, jsonAnswer } from './answer.ts';
import { deltasOf, isRecord, textOf, tokensOf } from './answer-text.ts';
import { errorAnswer, openaiErrorFields } from './errors.ts';
import { refuseOpenai } from './openai-validate.ts';
import { dataEvent, STREAM_HEADERS } from './sse.ts';
import { xaiTicks } from './xai-ticks.ts';

interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** `POST /v1/chat/completions`, OpenAI's and xAI's. */
export function answerChat(exchange: Exchange): Answer {
  const refusal = refuseOpenai(exchange, 'messages') ?? refuseMaxTokens(exchange);
  if (refusal) return refusal;
  if (exchange.json!.stream !== true) return jsonAnswer(200, completionOf(exchange));
  return { headers: STREAM_HEADERS, frames: chatFrames(exchange), grammar: chatGrammar };
}

/** The newer OpenAI models refuse the older name of the limit. */
function refuseMaxTokens({ family, json, received }: Exchange) {
  const refused = family === 'openai' && /^(gpt-[5-9]|o\d)/.test(received.model!) && json!.max_tokens !== undefined;
  if (!refused) return undefined;
  const message =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  return errorAnswer(family, 'invalid_request', received.requestId, {
    message,
    param: 'max_tokens',
    code: 'unsupported_parameter',
  });
}

function completionOf(exchange: Exchange) {
  const toolCalls = toolCallsOf(exchange);
  return {
    ...headOf(exchange, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: deltasOf(exchange.settings).join(''),
          refusal: null,
          ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
        },
        logprobs: null,
        finish_reason: finishReasonOf(exchange),
      },
    ],
    usage: usageOf(exchange),
  };
}

function headOf({ book, received }: Exchange, object: string) {
  return {
    id: book.nextId('chatcmpl-'),
    object,
    created: Math.floor(received.receivedAtMs / 1000),
    model: received.model,
    service_tier: 'default',
    system_fingerprint: null,
  };
}

function toolCallsOf({ settings, book }: Exchange): ToolCall[] {
  if (!settings.toolUse) return [];
  const { name, input } = settings.toolUse;
  return [{ id: book.nextId('call_'), type: 'function', function: { name, arguments: JSON.stringify(input) } }];
}

function finishReasonOf({ settings }: Exchange): string {
  return settings.stopReason ?? (settings.toolUse ? 'tool_calls' : 'stop');
}

/** xAI adds its own cost in ticks. */
function usageOf({ family, body, settings }: Exchange) {
  const prompt = tokensOf(body.length);
  const completion = tokensOf(textOf(settings).length);
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
  const extras = {
    num_sources_used: 0,
    num_server_side_tools_used: 0,
    cost_in_usd_ticks: xaiTicks(prompt, completion),
  };
  return { ...usage, ...(family === 'xai' ? extras : {}), ...settings.usage };
}

/** Asked for usage, every chunk says `"usage":null` and one more chunk without choices has it; else there is none. */
function chatFrames(exchange: Exchange): string[] {
  const head = headOf(exchange, 'chat.completion.chunk');
  const options = exchange.json!.stream_options;
  const asked = isRecord(options) && options.include_usage === true;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    dataEvent({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(asked ? { usage: null } : {}),
    });
  const frames = [chunk({ role: 'assistant', content: '', refusal: null })];
  for (const content of deltasOf(exchange.settings)) frames.push(chunk({ content }));
  toolCallsOf(exchange).forEach((call, index) => {
    const { name, arguments: text } = call.function;
    frames.push(chunk({ tool_calls: [{ index, ...call, function: { name, arguments: '' } }] }));
    frames.push(chunk({ tool_calls: [{ index, function: { arguments: text } }] }));
  });
  frames.push(chunk({}, finishReasonOf(exchange)));
  if (asked) frames.push(dataEvent({ ...head, choices: [], usage: usageOf(exchange) }));
  frames.push('data: [DONE]\n\n');
  return frames;
}

const chatGrammar: Grammar = {
  ping: ': ping\n\n',
  garbage: 'data: {"id":"chatcmpl-1","choi<<garbage>>\n\n',
  delta: (content) =>
    dataEvent({
      id: 'chatcmpl-more',
      object: 'chat.completion.chunk',
      created: 0,
      model: 'simulated',
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    }),
  error: (name, message) => dataEvent({ error: openaiErrorFields(name, { message }) }),
};
