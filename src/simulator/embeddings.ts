import { type Answer, type Exchange, jsonAnswer } from './answer.ts';
import { tokensOf } from './answer-text.ts';
import { refuseOpenai } from './openai-validate.ts';

const DIMENSIONS = 8;

/** `POST /v1/embeddings`, as numbers or as base64 of 32-bit floats (what the openai SDK asks for). */
export function answerEmbeddings(exchange: Exchange): Answer {
  const refusal = refuseOpenai(exchange, 'input');
  if (refusal) return refusal;
  const json = exchange.json!;
  const inputs = Array.isArray(json.input) ? json.input : [json.input];
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, index) => 1 / (index + 1));
  const embedding =
    json.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
  const tokens = tokensOf(exchange.body.length);
  return jsonAnswer(200, {
    object: 'list',
    data: inputs.map((_, index) => ({ object: 'embedding', index, embedding })),
    model: exchange.received.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens, ...exchange.settings.usage },
  });
}
