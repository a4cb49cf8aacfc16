import type { ModelParams } from '../../config/schema.ts';
import type { WireFormat } from '../../providers/provider.ts';
import { outputBoundOf } from './output-bound.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Splice } from './splice.ts';

/** From this API version on, sampling parameters are refused with a 400. */
const NO_SAMPLING_FROM = '2026-10-21';

export interface ParamContext {
  readonly format: WireFormat;
  /** The version that goes upstream; undefined outside the Anthropic dialect. */
  readonly anthropicVersion: string | undefined;
  /**
   * Which field bounds a chat answer: `max_completion_tokens` at OpenAI and xAI; servers that people run themselves
   * often know only the older `max_tokens`.
   */
  readonly chatBoundField: 'max_completion_tokens' | 'max_tokens';
}

/**
 * The splices that fill `temperature` and the output bound where the client left them out, and lower its bound to
 * `maxOutputTokens`; nothing else the client said is changed.
 */
export function paramSplices(body: Buffer, facts: RequestFacts, params: ModelParams, context: ParamContext): Splice[] {
  const { control } = facts;
  const { temperature, maxTokens, maxOutputTokens } = params;
  if (!control || (temperature === undefined && maxTokens === undefined && maxOutputTokens === undefined)) return [];
  const bound = outputBoundOf(body, facts, params, context.format);
  const added: string[] = [];
  if (bound.added !== undefined) added.push(`"${boundField(context)}":${bound.added}`);
  if (temperature !== undefined && maySample(facts, context)) added.push(`"temperature":${temperature}`);
  if (added.length === 0) return [...bound.splices];
  const text = added.join(',') + (control.isEmpty ? '' : ',');
  return [{ start: control.insertAt, end: control.insertAt, text }, ...bound.splices];
}

function boundField(context: ParamContext): string {
  if (context.format === 'anthropic-messages') return 'max_tokens';
  return context.format === 'openai-responses' ? 'max_output_tokens' : context.chatBoundField;
}

/** Not beside another sampling field either: current models refuse temperature together with `top_p`. */
function maySample(facts: RequestFacts, context: ParamContext): boolean {
  const fields = facts.control!.fields;
  if (fields.has('temperature') || fields.has('top_p') || fields.has('top_k') || facts.thinkingOn) return false;
  return context.anthropicVersion === undefined || context.anthropicVersion < NO_SAMPLING_FROM;
}
