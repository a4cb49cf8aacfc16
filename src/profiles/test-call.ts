import type { Dispatcher } from 'undici';
import type { TestCall } from '../providers/provider.ts';
import type { Upstream } from '../providers/upstream.ts';
import { outcomeOf, outcomeWithoutAnswer } from '../rotation/outcome.ts';
import type { Judgement } from '../rotation/types.ts';
import { sendTest, type TestCallRequest, type TestReply, testOf } from './test-request.ts';
import { mayBeStored, type TestAnswer, type Verdict, verdictOf, verdictOfModelList } from './verdict.ts';

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

/**
 * Asks the provider whether it takes the credential: exactly one request (a second, free one for the model list only when
 * the first says nothing about the credential), through the same way out as all traffic. Never throws for what a
 * provider or the network does; fails with ADDRESS_NOT_ALLOWED only for an address that is never a provider.
 */
export async function testCall(upstream: Upstream, request: TestCallRequest, now = Date.now): Promise<TestCallResult> {
  const test = testOf(request.provider);
  const model = request.model ?? test.model;
  const startedAtMs = now();
  const pool = upstream.pool({
    origin: request.base.origin,
    allowPrivateNetwork: request.provider.allowPrivateNetwork,
  });
  const reply = await sendTest(pool, request, test.path, test.path === 'models' ? undefined : test.body(model));
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
  const reply = await sendTest(pool, request, 'models', undefined);
  if (typeof reply === 'string') return 'unreachable';
  return verdictOfModelList(answer, judge(request, reply, 'models', Date.now()).outcome);
}

function judge(request: TestCallRequest, reply: TestReply, purpose: 'generate' | 'models', nowMs: number): Judgement {
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

function answerOf(reply: TestReply, judgement: Judgement, test: TestCall): TestAnswer {
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
