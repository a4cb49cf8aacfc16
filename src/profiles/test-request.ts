import type { Dispatcher } from 'undici';
import { systemCode } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { SECOND_MS } from '../core/time.ts';
import { VERSION } from '../core/version.ts';
import { DEFAULT_ANTHROPIC_VERSION, OAUTH_BETA } from '../providers/anthropic.ts';
import type { CredentialType, Provider, TestCall } from '../providers/provider.ts';
import { AddressRefused } from '../providers/upstream.ts';
import type { ResponseHeaders } from '../providers/upstream-error.ts';

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

/** Without our credential, should the provider have sent it back. */
export interface TestReply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
}

/** One request and its whole answer, or in our own words why there is none. */
export async function sendTest(
  pool: Dispatcher,
  request: TestCallRequest,
  path: string,
  body: unknown,
): Promise<TestReply | string> {
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
function withoutSecret(reply: TestReply, secret: Secret): TestReply {
  const text = secret.reveal();
  const headers = Object.entries(reply.headers).filter(([, value]) => !String(value).includes(text));
  return { ...reply, headers: Object.fromEntries(headers), body: reply.body.replaceAll(text, '') };
}

function headersOf({ provider, type, secret }: TestCallRequest, hasBody: boolean): Record<string, string> {
  const style = provider.credentials.find((kind) => kind.type === type)?.style ?? provider.authStyle;
  return {
    ...testOf(provider).headers,
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

/** A person's own provider may name no test model: its model list is asked instead. */
export function testOf(provider: Provider): TestCall {
  if (provider.testCall) return provider.testCall;
  const headers: Record<string, string> =
    provider.dialect === 'anthropic' ? { 'anthropic-version': DEFAULT_ANTHROPIC_VERSION } : {};
  return { model: '', path: 'models', headers, body: () => undefined, expects: ['data'] };
}
