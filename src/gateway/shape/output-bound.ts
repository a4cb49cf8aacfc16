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
  const most = mostTokens(body, facts, params.maxOutputTokens, format);
  const set = clientBounds(body, facts, format);
  const splices = set.filter(({ tokens }) => isBeyond(tokens, most)).map(({ span }) => ({ ...span, text: `${most}` }));
  const sent = set.filter(({ isOfFormat }) => isOfFormat).map(({ tokens }) => (isBeyond(tokens, most) ? most : tokens));
  if (sent.length > 0) return { tokens: largest(sent), splices, added: undefined };
  const filled = set.length === 0 ? params.maxTokens : undefined;
  const added = isBeyond(filled, most) ? most : filled;
  return { tokens: added, splices, added };
}

function mostTokens(
  body: Buffer,
  { control }: RequestFacts,
  maxOutputTokens: number | undefined,
  format: WireFormat,
): number | undefined {
  if (maxOutputTokens === undefined || format !== 'anthropic-messages') return maxOutputTokens;
  const thinking = parsedAt(body, control!.fields.get('thinking'));
  const budget = countIn(fieldsOf(thinking).budget_tokens);
  return budget === undefined ? maxOutputTokens : Math.max(maxOutputTokens, budget + 1);
}

function clientBounds(body: Buffer, { control }: RequestFacts, format: WireFormat): ClientBound[] {
  return EVERY_FIELD.flatMap((name) => {
    const span = control!.fields.get(name);
    if (!span) return [];
    return { span, isOfFormat: BOUND_FIELDS[format].includes(name), tokens: countIn(parsedAt(body, span)) };
  });
}

function isBeyond(tokens: number | undefined, most: number | undefined): boolean {
  return most !== undefined && (tokens === undefined || tokens > most);
}

/** Of two, a provider takes one; undefined when that may be none. */
function largest(bounds: readonly (number | undefined)[]): number | undefined {
  return bounds.every((bound) => bound !== undefined) ? Math.max(...bounds) : undefined;
}
