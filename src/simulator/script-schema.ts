import * as v from 'valibot';

/**
 * The shape of a simulator script (JSON5). A rule says for whom it counts (credential, provider, model, route), how
 * often (after, first, every, probability), and what happens then: a failure, other answers, another pace.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const headers = v.record(v.string(), v.union([v.string(), v.array(v.string())]));

const FAMILIES = ['anthropic', 'openai', 'xai'] as const;

export const ERROR_NAMES = [
  'invalid_request',
  'credit_too_low',
  'wrong_client',
  'prompt_too_long',
  'authentication',
  'billing',
  'permission',
  'oauth_revoked',
  'model_denied',
  'model_not_found',
  'not_found',
  'conflict',
  'too_large',
  'rate_limit',
  'spend_limit',
  'insufficient_quota',
  'usage_limit_reached',
  'server_error',
  'bad_gateway_html',
  'unavailable',
  'timeout',
  'overloaded',
] as const;

/** How a 429 says when it is over. `seconds` counts from the answer; `requests`/`tokens` name the used-up limit. */
const reset = v.strictObject({
  style: v.picklist([
    'retry-after',
    'retry-after-date',
    'retry-after-ms',
    'anthropic-requests',
    'anthropic-tokens',
    'unified-five-hour',
    'unified-seven-day',
    'openai-requests',
    'openai-tokens',
    'none',
  ]),
  seconds: v.optional(v.pipe(v.number(), v.minValue(0)), 60),
});

const afterEvents = v.optional(count);

const failure = v.variant('kind', [
  /** An error answer in the provider's own shape. xAI has three shapes: `object`, `code-and-text`, `text`. */
  v.strictObject({
    kind: v.literal('error'),
    error: v.picklist(ERROR_NAMES),
    status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599))),
    message: v.optional(v.string()),
    details: v.optional(v.string()),
    code: v.optional(v.string()),
    shape: v.optional(v.picklist(['object', 'code-and-text', 'text'])),
    resets: v.optional(v.array(reset)),
    headers: v.optional(headers),
  }),
  /** The connection is reset: before headers, or after that many events (or half of a whole answer). */
  v.strictObject({ kind: v.literal('reset'), afterEvents }),
  /** A stream ends cleanly without its terminal event; a whole answer ends short of its content-length. */
  v.strictObject({ kind: v.literal('truncate'), afterEvents: v.optional(count, 1) }),
  /** An error event in the stream, then the end. */
  v.strictObject({
    kind: v.literal('stream-error'),
    error: v.optional(v.picklist(ERROR_NAMES), 'overloaded'),
    message: v.optional(v.string()),
    afterEvents: v.optional(count, 1),
  }),
  /** Nothing more comes and the connection stays open. Without `afterEvents` not even headers come. */
  v.strictObject({ kind: v.literal('silence'), afterEvents }),
  /** An event whose data is not JSON; a whole answer whose body is not JSON. */
  v.strictObject({ kind: v.literal('garbage'), afterEvents: v.optional(count, 1) }),
  /** The answer is encoded although `identity` was asked for. */
  v.strictObject({ kind: v.literal('encode'), encoding: v.picklist(['gzip', 'br', 'zstd', 'deflate']) }),
  v.strictObject({
    kind: v.literal('redirect'),
    status: v.optional(v.picklist([301, 302, 303, 307, 308]), 302),
    location: v.string(),
  }),
  /** Extra headers on an answer that is otherwise good: `set-cookie`, `alt-svc`, `strict-transport-security`. */
  v.strictObject({ kind: v.literal('headers'), headers }),
  /** What was received, credential included, is sent back: for tests of redaction. */
  v.strictObject({
    kind: v.literal('echo'),
    where: v.picklist(['error', 'header', 'event', 'body']),
    encoding: v.optional(v.picklist(['plain', 'base64', 'url']), 'plain'),
  }),
  v.strictObject({ kind: v.literal('endless') }),
  v.strictObject({ kind: v.literal('gzip-bomb'), megabytes: v.optional(positive, 100) }),
  /** The answer comes before the request's body has been read. */
  v.strictObject({ kind: v.literal('early'), error: v.optional(v.picklist(ERROR_NAMES), 'too_large') }),
]);

const pacing = v.strictObject({
  /** Before the headers. */
  firstByteMs: v.optional(count),
  /** Between the headers and the first event of a stream. */
  firstEventMs: v.optional(count),
  perEventMs: v.optional(count),
  /** A ping of the dialect while nothing else is to be sent. */
  pingEveryMs: v.optional(positive),
  /** Bytes per write, so that events are cut anywhere. */
  pieceBytes: v.optional(positive),
});

const answer = v.strictObject({
  text: v.optional(v.string()),
  /** In how many deltas the text comes; more than it has words repeats it. */
  deltas: v.optional(positive),
  thinking: v.optional(v.string()),
  toolUse: v.optional(v.strictObject({ name: v.string(), input: v.record(v.string(), v.unknown()) })),
  /** In the wire format's own words. For Responses `failed` and `max_output_tokens` choose the terminal event. */
  stopReason: v.optional(v.string()),
  /** Fields laid over the usage figures of the wire format. */
  usage: v.optional(v.record(v.string(), v.unknown())),
});

const rule = v.strictObject({
  /** Name of an issued key, or a fingerprint. */
  credential: v.optional(v.string()),
  provider: v.optional(v.picklist(FAMILIES)),
  /** `*` stands for any text: `claude-opus-*`. */
  model: v.optional(v.string()),
  /** Below `/v1/`, `{id}` for an id: `messages`, `chat/completions`, `messages/batches/{id}`. */
  route: v.optional(v.string()),
  /** Only requests that ask for a stream, or only those that do not. */
  stream: v.optional(v.boolean()),
  after: v.optional(count, 0),
  first: v.optional(positive),
  every: v.optional(positive, 1),
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  fail: v.optional(failure),
  answer: v.optional(answer),
  pacing: v.optional(pacing),
});

const key = v.strictObject({
  provider: v.picklist(FAMILIES),
  /** As a profile's name, so that it can be one. */
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower-case letters, digits, dots and dashes')),
  type: v.optional(v.picklist(['api_key', 'token']), 'api_key'),
});

export const ScriptSchema = v.strictObject({
  /** Of the random numbers behind `probability`: the same seed gives the same failures. */
  seed: v.optional(v.number(), 1),
  keys: v.optional(v.array(key), []),
  /** Models known beside the built-in list. */
  models: v.optional(v.array(v.string()), []),
  answer: v.optional(answer, {}),
  pacing: v.optional(pacing, {}),
  rules: v.optional(v.array(rule), []),
});

export type Script = v.InferOutput<typeof ScriptSchema>;
/** A script as a person writes it: every part may be left out. */
export type ScriptInput = v.InferInput<typeof ScriptSchema>;
export type Rule = v.InferOutput<typeof rule>;
export type Failure = v.InferOutput<typeof failure>;
export type FailureOf<Kind extends Failure['kind']> = Extract<Failure, { kind: Kind }>;
export type ErrorName = (typeof ERROR_NAMES)[number];
export type Family = (typeof FAMILIES)[number];
export type Reset = v.InferOutput<typeof reset>;
export type Pacing = v.InferOutput<typeof pacing>;
export type AnswerSettings = v.InferOutput<typeof answer>;
