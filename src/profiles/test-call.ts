import type { Dispatcher } from 'undici';
import { systemCode } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { SECOND_MS } from '../core/time.ts';
import { VERSION } from '../core/version.ts';
import { OAUTH_BETA } from '../providers/anthropic.ts';
import type { CredentialType, Provider, TestCall } from '../providers/provider.ts';
import { AddressRefused, type Upstream } from '../providers/upstream.ts';
import type { ResponseHeaders } from '../providers/upstream-error.ts';
import { outcomeOf, outcomeWithoutAnswer } from '../rotation/outcome.ts';
import type { Judgement } from '../rotation/types.ts';
import { mayBeStored, type TestAnswer, type Verdict, verdictOf, verdictOfModelList } from './verdict.ts';

export const TEST_LIMIT_MS = 10 * SECOND_MS;

/** An answer longer than this is no answer to a ten-token question. */
const LONGEST_ANSWER = 1024 * 1024;

/** What is tested and where. `base` is the provider's or the profile's base URL, taken apart. */
export interface TestCallRequest {
  readonly provider: Provider;
  readonly type: CredentialType;
  readonly secret: Secret;
  readonly base: { readonly origin: string; readonly prefix: string };
  /** Another model than the provider's test model. */
  readonly model?: string | undefined;
  readonly limitMs?: number | undefined;
}

export interface TestCallResult {
  /** Whether the credential may be stored: `valid` or `valid_unusable`. */
  readonly success: boolean;
  readonly verdict: Verdict;
  /** Null when no answer came. */
  readonly statusCode: number | null;
  readonly validatedBy: 'api_call';
  /** About ten tokens. */
  readonly costClass: 'minimal';
  readonly latencyMs: number;
  readonly answeredAtMs: number;
  readonly model: string;
  /** The answer in our own words: status and the provider's error type, never its text. */
  readonly detail: string;
  /** What the answer means for the profile's state. */
  readonly judgement: Judgement;
}

interface Reply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
}

/**
 * Asks the provider whether it takes the credential: exactly one request (a second, free one for the model list only when
 * the first says nothing about the credential), through the same way out as all traffic. Never throws for what a
 * provider or the network does; fails with USAGE-like errors only for a base URL that is never allowed.
 */
export async function testCall(upstream: Upstream, request: TestCallRequest, now = Date.now): Promise<TestCallResult> {
  const test = request.provider.testCall ?? modelListOnly(request.provider);
  const model = request.model ?? test.model;
  const startedAtMs = now();
  const pool = upstream.pool({
    origin: request.base.origin,
    allowPrivateNetwork: request.provider.allowPrivateNetwork,
  });
  const reply = await ask(pool, request, test.path, test.path === 'models' ? undefined : test.body(model));
  const answeredAtMs = now();
  const latencyMs = answeredAtMs - startedAtMs;
  const common = { validatedBy: 'api_call', costClass: 'minimal', latencyMs, answeredAtMs, model } as const;
  if (typeof reply === 'string') {
    const judgement = outcomeWithoutAnswer('unreachable');
    return { ...common, success: false, verdict: 'unreachable', statusCode: null, detail: reply, judgement };
  }
  const judgement = judge(request, reply, 'generate', answeredAtMs);
  const answer = answerOf(reply, judgement, test);
  const verdict = await decide(pool, request, answer);
  const detail = describe(reply.status, judgement, answer, verdict);
  return { ...common, success: mayBeStored(verdict), verdict, statusCode: reply.status, detail, judgement };
}

/** The free model list speaks when the test call was not about the credential. */
async function decide(pool: Dispatcher, request: TestCallRequest, answer: TestAnswer): Promise<Verdict> {
  const verdict = verdictOf(answer);
  if (verdict !== 'undecided') return verdict;
  const reply = await ask(pool, request, 'models', undefined);
  if (typeof reply === 'string') return 'unreachable';
  return verdictOfModelList(answer, judge(request, reply, 'models', Date.now()).outcome);
}

/** A person's own provider may name no test model: its model list is asked instead. */
function modelListOnly(provider: Provider): TestCall {
  const headers: Record<string, string> = provider.dialect === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {};
  return { model: '', path: 'models', headers, body: () => undefined, expects: ['data'] };
}

/** One request and its whole answer, or in our own words why there is none. */
async function ask(pool: Dispatcher, request: TestCallRequest, path: string, body: unknown): Promise<Reply | string> {
  const limitMs = request.limitMs ?? TEST_LIMIT_MS;
  const signal = AbortSignal.timeout(limitMs);
  try {
    const answer = await pool.request({
      origin: request.base.origin,
      path: `${request.base.prefix}/${path}`,
      method: body === undefined ? 'GET' : 'POST',
      headers: headersOf(request, body !== undefined),
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    const reply = { status: answer.statusCode, headers: answer.headers, body: await textOf(answer.body) };
    return withoutSecret(reply, request.secret);
  } catch (error) {
    return signal.aborted ? `no answer within ${Math.round(limitMs / SECOND_MS)} s` : whyUnreachable(error);
  }
}

/** A hostile provider may send the credential back where we look for an error type or a request id. */
function withoutSecret(reply: Reply, secret: Secret): Reply {
  const text = secret.reveal();
  const headers = Object.entries(reply.headers).filter(([, value]) => !String(value).includes(text));
  return { ...reply, headers: Object.fromEntries(headers), body: reply.body.replaceAll(text, '') };
}

function headersOf({ provider, type, secret }: TestCallRequest, hasBody: boolean): Record<string, string> {
  const style = provider.credentials.find((kind) => kind.type === type)?.style ?? provider.authStyle;
  return {
    ...(provider.testCall ?? modelListOnly(provider)).headers,
    ...(hasBody && { 'content-type': 'application/json' }),
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': `moltbot/${VERSION}`,
    ...(provider.dialect === 'anthropic' && type === 'token' && { 'anthropic-beta': OAUTH_BETA }),
    ...(style === 'x-api-key' && { 'x-api-key': secret.reveal() }),
    ...(style === 'bearer' && { authorization: `Bearer ${secret.reveal()}` }),
  };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > LONGEST_ANSWER) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function whyUnreachable(error: unknown): string {
  if (error instanceof AddressRefused) {
    return 'its name resolves to an address that is not on the public internet, which needs allowPrivateNetwork: true';
  }
  const code = systemCode(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its name cannot be resolved (${code})`;
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)';
  if (code?.includes('CERT') || code?.startsWith('ERR_TLS')) return `its certificate is not trusted (${code})`;
  return `the connection failed (${code ?? 'unknown'})`;
}

function judge(request: TestCallRequest, reply: Reply, purpose: 'generate' | 'models', nowMs: number): Judgement {
  return outcomeOf(
    {
      status: reply.status,
      headers: reply.headers,
      errorBody: reply.status >= 200 && reply.status < 300 ? undefined : reply.body,
      credentialType: request.type,
      isClaudeCode: false,
      purpose,
      method: purpose === 'models' ? 'GET' : 'POST',
    },
    nowMs,
  );
}

function answerOf(reply: Reply, judgement: Judgement, test: TestCall): TestAnswer {
  return {
    status: reply.status,
    outcome: judgement.outcome,
    hasExpectedFields: reply.status === 200 && hasFields(reply.body, test.expects),
  };
}

function hasFields(body: string, names: readonly string[]): boolean {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && names.every((name) => name in parsed);
  } catch {
    // Not JSON: some other server answered 200.
    return false;
  }
}

function describe(status: number, { errorType }: Judgement, answer: TestAnswer, verdict: Verdict): string {
  if (answer.outcome === 'ok') {
    return answer.hasExpectedFields ? 'answered 200' : `answered ${status}, but not as this provider's API does`;
  }
  const said = `answered ${status}${errorType ? ` ${errorType}` : ''}`;
  if (answer.outcome === 'model_denied' && mayBeStored(verdict)) return `${said}: the test model is not to be had`;
  return said;
}
