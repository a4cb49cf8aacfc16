import type { ModelParams } from '../../config/schema.ts';
import type { WireFormat } from '../../providers/provider.ts';
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

/** The splice that fills `temperature` and the output bound where the client left them out; never overrides. */
export function paramSplices(facts: RequestFacts, params: ModelParams, context: ParamContext): Splice[] {
  const { control } = facts;
  if (!control) return [];
  const added: string[] = [];
  const bound = boundField(context);
  if (params.maxTokens !== undefined && !hasBound(facts)) added.push(`"${bound}":${params.maxTokens}`);
  if (params.temperature !== undefined && maySample(facts, context)) added.push(`"temperature":${params.temperature}`);
  if (added.length === 0) return [];
  const text = added.join(',') + (control.isEmpty ? '' : ',');
  return [{ start: control.insertAt, end: control.insertAt, text }];
}

function boundField(context: ParamContext): string {
  if (context.format === 'anthropic-messages') return 'max_tokens';
  return context.format === 'openai-responses' ? 'max_output_tokens' : context.chatBoundField;
}

function hasBound(facts: RequestFacts): boolean {
  const fields = facts.control!.fields;
  return fields.has('max_tokens') || fields.has('max_completion_tokens') || fields.has('max_output_tokens');
}

/** Not beside another sampling field either: current models refuse temperature together with `top_p`. */
function maySample(facts: RequestFacts, context: ParamContext): boolean {
  const fields = facts.control!.fields;
  if (fields.has('temperature') || fields.has('top_p') || fields.has('top_k') || facts.thinkingOn) return false;
  return context.anthropicVersion === undefined || context.anthropicVersion < NO_SAMPLING_FROM;
}
