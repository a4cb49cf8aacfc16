import type { Dispatcher } from 'undici';
import type { GatewayConfig } from '../../config/schema.ts';
import type { Clock } from '../../core/time.ts';
import type { LedgerEntry } from '../../ledger/ledger.ts';
import type { ResultsMeter } from '../../ledger/usage/results-meter.ts';
import type { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import type { CredentialHeader } from '../../providers/provider.ts';
import { outcomeOf, outcomeWithoutAnswer } from '../../rotation/outcome.ts';
import type { Judgement } from '../../rotation/types.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import { mayHoldResults, metersOf, NO_METERS } from '../answer/meters-of.ts';
import type { HeldCredential } from '../choose/held-credentials.ts';
import type { ServingProfile } from '../choose/roster.ts';
import { contentEncodingOf, headerOf, type RawHeaders } from '../headers/raw-headers.ts';
import { ownBetas } from '../shape/betas.ts';
import { chatUsageSplice } from '../shape/chat-usage.ts';
import { anthropicVersionOf, upstreamHeaders } from '../shape/headers.ts';
import { type ChosenParams, shapeBody } from '../shape/shape-body.ts';
import type { Splice } from '../shape/splice.ts';
import { type ErrorBody, openErrorBody } from '../stream/error-body.ts';
import type { Redactor } from '../stream/redactor.ts';
import { upstreamPath } from '../target/upstream-target.ts';
import { type ForwardFailed, forward, isFailed, type UpstreamAnswer, type UpstreamRequest } from './forward.ts';
import { readAnswer } from './read-answer.ts';

/** What settings say about one model at one provider. */
export interface ModelSettings {
  /** As it goes upstream; undefined leaves the client's own spelling. */
  readonly wireModel: string | undefined;
  readonly params: ChosenParams;
}

/** One profile's answer, judged. `errorBody` holds the body of an answer that is not 2xx. */
export interface JudgedAnswer {
  readonly profile: ServingProfile;
  readonly credential: HeldCredential;
  /** Its row in the ledger. */
  readonly entry: LedgerEntry;
  readonly answer: UpstreamAnswer;
  readonly judgement: Judgement;
  readonly errorBody: ErrorBody | undefined;
  /** Reads what the answer used; undefined where nothing is charged for. */
  readonly meter: UsageMeter | undefined;
  /** The same for what an earlier request made: the results of a batch, a response from the background. */
  readonly resultsMeter: ResultsMeter | undefined;
  /** The gateway asked for the usage of a chat stream: the client, which did not, must not see it. */
  readonly isUsageOurs: boolean;
}

/** What an attempt needs beside the request and the credential. */
export interface AttemptMeans {
  readonly pool: () => Dispatcher;
  /** Writes down that the attempt goes out; nothing is sent when that fails. */
  readonly admit: () => Promise<LedgerEntry>;
  readonly limits: GatewayConfig['timeouts'];
  /** `ledger.chatUsage`: whether chat streams are asked for their usage. */
  readonly asksChatUsage: boolean;
  readonly now: Clock;
}

/** An attempt that got no answer. */
export interface FailedAttempt extends ForwardFailed {
  readonly judgement: Judgement;
  readonly entry: LedgerEntry;
}

/** Sends the request with one profile and judges what comes back. A connection that could not be made is tried once more. */
export async function attempt(
  request: ProxyRequest,
  settings: ModelSettings,
  profile: ServingProfile,
  credential: HeldCredential,
  { pool, admit, limits, asksChatUsage, now }: AttemptMeans,
): Promise<JudgedAnswer | FailedAttempt> {
  const usage = asksChatUsage ? chatUsageOf(request) : undefined;
  const shaped = shapeRequest(request, settings, profile, credential.header, usage);
  const dispatcher = pool();
  const entry = await admit();
  let result = await forward(dispatcher, shaped, limits.firstByteMs, request.exchange.cancel);
  const maySendAgain = request.route.body !== 'upload' && !request.exchange.cancel.isCancelled;
  if (isFailed(result) && result.failed === 'unreachable' && maySendAgain) {
    result = await forward(dispatcher, shaped, limits.firstByteMs, request.exchange.cancel);
  }
  if (isFailed(result)) return { ...result, judgement: outcomeWithoutAnswer(withoutAnswer(result)), entry };
  // Once, for all that is passed on, logged and kept of them.
  result.rawHeaders = credential.redactor.redactHeaders(result.rawHeaders);
  const headAtMs = now();
  entry.firstByteAtMs = headAtMs;
  entry.status = result.status;
  // Only a place a person defined can be a simulator: a provider's own origin cannot talk itself out of the sums.
  entry.isSimulated = !profile.isDefaultOrigin && result.header('x-moltbot-simulated') === '1';
  const isGood = result.status >= 200 && result.status < 300;
  const errorBody = isGood ? undefined : await readErrorBody(result, credential.redactor);
  return {
    profile,
    credential,
    entry,
    answer: result,
    judgement: judged(request, profile, credential, result, errorBody, headAtMs),
    errorBody,
    ...(isGood ? metersOf(request) : NO_METERS),
    isUsageOurs: usage !== undefined,
  };
}

/** The request as it goes upstream: the client's bytes, but for what settings ask and the one credential. */
export function shapeRequest(
  request: ProxyRequest,
  settings: ModelSettings,
  profile: ServingProfile,
  credential: CredentialHeader | undefined,
  usage?: Splice,
): UpstreamRequest {
  const { provider, base } = profile;
  const plan = {
    dialect: provider.dialect,
    credential,
    betas: ownBetas(provider.dialect, profile.type, provider.betas),
    headers: provider.headers,
    paramHeaders: settings.params.headers,
    // Of a held body undici sets it; a file keeps the length its client announced.
    contentLength: request.upload && announcedLength(request.rawHeaders),
    asksWhole: mayHoldResults(request),
  };
  const headers = upstreamHeaders(request.rawHeaders, plan);
  const body =
    request.route.format === undefined
      ? request.body
      : shapeBody(request.body, request.facts, {
          purpose: request.route.purpose,
          format: request.route.format,
          model: settings.wireModel,
          credentialType: profile.type,
          params: settings.params,
          usage,
          anthropicVersion: anthropicVersionOf(headers),
          chatBoundField: provider.builtIn ? 'max_completion_tokens' : 'max_tokens',
        });
  return {
    origin: base.origin,
    method: request.method,
    path: upstreamPath(base, request.path, request.query),
    headers,
    body: request.upload ?? (body.length > 0 ? body : undefined),
  };
}

function chatUsageOf({ route, body, facts }: ProxyRequest): Splice | undefined {
  return route.purpose === 'generate' && route.format === 'openai-chat' ? chatUsageSplice(body, facts) : undefined;
}

/** `errorBody`: undefined of a good answer. */
function judged(
  request: ProxyRequest,
  profile: ServingProfile,
  { redactor }: HeldCredential,
  answer: UpstreamAnswer,
  errorBody: ErrorBody | undefined,
  nowMs: number,
): Judgement {
  return outcomeOf(
    {
      status: answer.status,
      // Of a good answer only its id is read.
      headers: lowerCaseRecord(errorBody ? answer.rawHeaders : idHeaders(answer)),
      errorBody: errorBody?.readable && redactor.redactBody(errorBody.readable).toString('utf8'),
      credentialType: profile.type,
      isClaudeCode: request.isClaudeCode,
      purpose: request.route.purpose,
      method: request.method,
    },
    nowMs,
  );
}

function idHeaders(answer: UpstreamAnswer): string[] {
  return ['request-id', 'x-request-id'].flatMap((name) => {
    const id = answer.header(name);
    return id === undefined ? [] : [name, id];
  });
}

function withoutAnswer({ failed }: ForwardFailed): 'unreachable' | 'broken' | 'client_gone' {
  if (failed === 'cancelled') return 'client_gone';
  return failed === 'unreachable' || failed === 'refused_address' ? 'unreachable' : 'broken';
}

function announcedLength(raw: RawHeaders): number | undefined {
  const length = headerOf(raw, 'content-length');
  return length === undefined ? undefined : Number(length);
}

/** Longer error bodies than this are somebody's web page: what is beyond is not read. */
const MOST_ERROR_BYTES = 1024 * 1024;
const LONGEST_ERROR_MS = 10_000;

/** The whole error body, because it decides what happens next and may never be sent. */
async function readErrorBody(answer: UpstreamAnswer, redactor: Redactor): Promise<ErrorBody> {
  const bytes = await readAnswer(answer, MOST_ERROR_BYTES, LONGEST_ERROR_MS);
  return openErrorBody(bytes, contentEncodingOf(answer.rawHeaders), redactor);
}

function lowerCaseRecord(raw: readonly string[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let at = 0; at < raw.length; at += 2) record[raw[at]!.toLowerCase()] ??= raw[at + 1]!;
  return record;
}
