import type { ModelParams } from '../../config/schema.ts';
import { countIn, fieldsOf } from '../../ledger/usage/json-fields.ts';
import type { WireFormat } from '../../providers/provider.ts';
import type { Span } from './json-scan.ts';
import { parsedAt } from './parsed-at.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Splice } from './splice.ts';

/** The fields that bound an answer in each format. */
const BOUND_FIELDS: Record<WireFormat, readonly string[]> = {
  'anthropic-messages': ['max_tokens'],
  'openai-chat': ['max_completion_tokens', 'max_tokens'],
  'openai-responses': ['max_output_tokens'],
};
const EVERY_FIELD = [...new Set(Object.values(BOUND_FIELDS).flat())];

export interface OutputBound {
  /** Of one answer, in tokens, as it goes upstream; undefined: the model's own limit. */
  readonly tokens: number | undefined;
  /** What lowers the client's. */
  readonly splices: readonly Splice[];
  /** To be put in, because the client set nothing. */
  readonly added: number | undefined;
}

interface ClientBound {
  readonly span: Span;
  readonly isOfFormat: boolean;
  /** Undefined: no number of tokens, which some servers take for no limit. */
  readonly tokens: number | undefined;
}

/**
 * How long an answer may be, after settings: `maxTokens` fills in what the client left out, `maxOutputTokens` is the most
 * whatever the client says. Anthropic refuses a `max_tokens` that is not above the `budget_tokens` of its extended
 * thinking: with it, nothing is lowered below `budget_tokens` + 1. Of a body that cannot be read (compressed, no JSON)
 * nothing is known and nothing changes.
 */
export function outputBoundOf(
  body: Buffer,
  facts: RequestFacts,
  params: Pick<ModelParams, 'maxTokens' | 'maxOutputTokens'>,
  format: WireFormat | undefined,
): OutputBound {
  if (!facts.control || !format) return { tokens: undefined, splices: [], added: undefined };
  const thinking = format === 'anthropic-messages' ? thinkingTokens(body, facts) : undefined;
  const most = mostTokens(params.maxOutputTokens, thinking);
  const set = clientBounds(body, facts, format);
  const splices = set.filter(({ tokens }) => isBeyond(tokens, most)).map(({ span }) => ({ ...span, text: `${most}` }));
  const sent = set.filter(({ isOfFormat }) => isOfFormat).map(({ tokens }) => (isBeyond(tokens, most) ? most : tokens));
  if (sent.length > 0) return { tokens: withThinking(largest(sent), thinking), splices, added: undefined };
  const filled = set.length === 0 ? params.maxTokens : undefined;
  const added = isBeyond(filled, most) ? most : filled;
  return { tokens: added, splices, added };
}

/** The client's `budget_tokens`. */
function thinkingTokens(body: Buffer, { control }: RequestFacts): number | undefined {
  return countIn(fieldsOf(parsedAt(body, control!.fields.get('thinking'))).budget_tokens);
}

function mostTokens(maxOutputTokens: number | undefined, thinking: number | undefined): number | undefined {
  if (maxOutputTokens === undefined || thinking === undefined) return maxOutputTokens;
  return Math.max(maxOutputTokens, thinking + 1);
}

/** Thinking between calls of tools may be longer than `max_tokens`, which then bounds what is written beside it. */
function withThinking(tokens: number | undefined, thinking = 0): number | undefined {
  return tokens === undefined || thinking < tokens ? tokens : tokens + thinking;
}

function clientBounds(body: Buffer, { control }: RequestFacts, format: WireFormat): ClientBound[] {
  return EVERY_FIELD.flatMap((name) => {
    const span = control!.fields.get(name);
    if (!span) return [];
    const tokens = countIn(parsedAt(body, span));
    // Anthropic takes 0 for no answer at all; others refuse it, or take it for no limit.
    const isNone = tokens === 0 && format !== 'anthropic-messages';
    return { span, isOfFormat: BOUND_FIELDS[format].includes(name), tokens: isNone ? undefined : tokens };
  });
}

function isBeyond(tokens: number | undefined, most: number | undefined): boolean {
  return most !== undefined && (tokens === undefined || tokens > most);
}

/** Of two, a provider takes one; undefined when that may be none. */
function largest(bounds: readonly (number | undefined)[]): number | undefined {
  return bounds.every((bound) => bound !== undefined) ? Math.max(...bounds) : undefined;
}
