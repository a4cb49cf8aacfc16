import type { Dispatcher } from 'undici';
import { countIn, fieldsOf } from '../../ledger/usage/json-fields.ts';
import type { Route } from '../../providers/provider.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { HeldCredential } from '../choose/held-credentials.ts';
import type { ServingProfile } from '../choose/roster.ts';
import { type ModelSettings, shapeRequest } from '../forward/attempt.ts';
import { forward, isFailed } from '../forward/forward.ts';
import { readAnswer } from '../forward/read-answer.ts';
import { skipValue } from '../shape/json-scan.ts';
import { walkObject } from '../shape/json-walk.ts';
import { readFacts } from '../shape/request-facts.ts';

/**
 * Fields of a message that its count takes and that change the figure (`MessageCountTokensParams` of Anthropic's SDK,
 * 1.11, with those of its betas). Others are refused there.
 */
// biome-ignore format: a list reads better in lines
const COUNTED_FIELDS = [
  'model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'output_format',
  'context_management', 'mcp_servers',
];
const PATH = 'messages/count_tokens';
const LONGEST_MS = 5_000;
const MOST_BYTES = 64 * 1024;

/**
 * The tokens of a request's prompt by the provider's own count, which is free and has limits of its own: of Messages
 * only. With the client's bytes of each field, its headers and the profile's credential, as the request itself would go
 * out. Undefined when the provider does not say within 5 seconds, or the client left. The provider calls its figure an
 * estimate. @throws CONFIG_INVALID as the request itself would.
 */
export async function countInput(
  request: ProxyRequest,
  settings: ModelSettings,
  profile: ServingProfile,
  credential: HeldCredential,
  pool: Dispatcher,
): Promise<number | undefined> {
  const { route, facts, exchange } = request;
  if (route.format !== 'anthropic-messages' || route.purpose !== 'generate' || !facts.control) return undefined;
  const body = countedPart(request.body, facts.control.insertAt - 1);
  const count: ProxyRequest = { ...request, route: COUNT, path: PATH, body, facts: readFacts(body) };
  const untilMs = performance.now() + LONGEST_MS;
  const shaped = shapeRequest(count, settings, profile, credential.header);
  const answer = await forward(pool, shaped, LONGEST_MS, exchange.cancel);
  if (isFailed(answer)) return undefined;
  const bytes = await readAnswer(answer, MOST_BYTES, Math.max(0, untilMs - performance.now()));
  exchange.cancel.onCancel = undefined;
  return answer.status === 200 ? tokensIn(bytes) : undefined;
}

const COUNT: Route = {
  purpose: 'count',
  methods: ['POST'],
  path: PATH,
  format: 'anthropic-messages',
  body: 'json',
};

/** An object of the fields that are counted, in their order, from the object that begins at an offset. */
function countedPart(body: Buffer, open: number): Buffer {
  const pieces: Buffer[] = [];
  walkObject(body, open, (name, at) => {
    const end = skipValue(body, at);
    if (!COUNTED_FIELDS.includes(name)) return end;
    pieces.push(Buffer.from(`${pieces.length === 0 ? '{' : ','}"${name}":`), body.subarray(at, end));
    return end;
  });
  return Buffer.concat([...pieces, Buffer.from(pieces.length === 0 ? '{}' : '}')]);
}

function tokensIn(bytes: Buffer): number | undefined {
  try {
    return countIn(fieldsOf(JSON.parse(bytes.toString('utf8'))).input_tokens);
  } catch {
    // No JSON, or not all of it: the provider has not said.
    return undefined;
  }
}
