import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import { BodyRedaction } from '../stream/body-redaction.ts';
import { listAllowed } from './allowed-models.ts';
import { type Ending, type Giving, writeHead } from './answer-head.ts';
import { plainSource, readableSource, unreadable } from './answer-source.ts';
import { MeteredBody } from './metered-body.ts';
import { rewriteResultsUrl } from './results-url.ts';
import { sendWhole } from './send-whole.ts';

/** Answers that create or name something are small; what is longer passes as it comes, unread. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;

/**
 * Passes a body on that is not an event stream: as it comes, or, where something in it must be seen or changed, held
 * first. One that breaks off is a reset connection, never a short body. Where the credential has to be looked for, an
 * encoded body is sent decoded; one that cannot be read is not sent. Throws UPSTREAM_BROKEN for that.
 */
export function relayBody(request: ProxyRequest, judged: JudgedAnswer, giving: Giving): Promise<Ending> {
  const { exchange } = request;
  const { response } = exchange;
  const { answer, profile } = judged;
  const isToBeSeen = mustBeSeen(request, judged, giving);
  const whole = isToBeSeen || !isPlain(request, judged) ? undefined : answer.takeWhole();
  if (whole) return sendWhole(request, judged, giving, whole);
  const redaction = profile.isDefaultOrigin ? undefined : new BodyRedaction(judged.credential.redactor);
  let held: Buffer[] | undefined = isToBeSeen ? [] : undefined;
  let heldBytes = 0;
  const metered = judged.meter && new MeteredBody(judged.meter);
  const { resultsMeter } = judged;
  /** Of a sized body; NaN of any other. Its last byte is its end, so that is kept until the end is written down. */
  let missingBytes = redaction ? Number.NaN : Number(answer.header('content-length') ?? Number.NaN);
  let last: Buffer | undefined;

  return new Promise((resolve, reject) => {
    const open = redaction || giving.mayList || resultsMeter ? readableSource : plainSource;
    const source = open(judged, {
      data: (chunk) => data(chunk),
      end: () => end(),
      broken: () => reset('broken'),
    });
    if (!source) {
      answer.abort();
      reject(unreadable(judged));
      return;
    }
    if (source.isDecoded) missingBytes = Number.NaN;
    const head = { keepsLength: redaction === undefined && !source.isDecoded, isDecoded: source.isDecoded };
    if (!held) writeHead(exchange, judged, giving, head);
    const { ticker } = giving;
    let lastByteMs = ticker.now();
    const finish = (ending: Ending) => {
      ticker.remove(watchSilence);
      answer.abort();
      resolve(ending);
    };
    /** What upstream had begun is begun here too: a client that saw nothing of it would ask, and pay, once more. */
    const reset = (ending: 'broken' | 'silent') => {
      if (held) letGo();
      response.flushHeaders();
      setImmediate(() => response.destroy());
      finish(ending);
    };
    const watchSilence = (nowMs: number) => {
      if (response.writableNeedDrain) lastByteMs = nowMs;
      else if (nowMs - lastByteMs >= giving.silenceMs) reset('silent');
    };
    const write = (chunk: Buffer): boolean => {
      const bytes = redaction ? redaction.push(chunk) : chunk;
      judged.entry.sentBytes += bytes.length;
      missingBytes -= bytes.length;
      if (missingBytes <= 0) {
        // More than was announced, where it was decoded on the way.
        if (last) response.write(last);
        last = bytes;
        return true;
      }
      if (bytes.length === 0 || response.write(bytes)) return true;
      response.once('drain', () => source.resume());
      return false;
    };
    /** Too long to be what we look for: it goes on as it is. */
    const letGo = (): boolean => {
      const chunks = held ?? [];
      held = undefined;
      heldBytes = 0;
      writeHead(exchange, judged, giving, head);
      return write(Buffer.concat(chunks));
    };
    const data = (chunk: Buffer): boolean => {
      lastByteMs = ticker.now();
      metered?.push(chunk);
      resultsMeter?.push(chunk);
      if (!held) return write(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      return heldBytes <= MOST_HELD_BYTES || letGo();
    };
    const end = () => {
      ticker.remove(watchSilence);
      if (!held && redaction) last = redaction.end();
      judged.entry.sentBytes += held || redaction ? heldBytes + (last?.length ?? 0) : 0;
      if (metered) metered.read(source.isDecoded ? undefined : answer.header('content-encoding'), close);
      else close();
    };
    const close = () => {
      giving.close('complete', (isWritten) => {
        if (!isWritten) {
          response.destroy();
          return finish('cut');
        }
        if (held) sendHeld(request, judged, giving, Buffer.concat(held), source.isDecoded);
        else response.end(last);
        finish('complete');
      });
    };
    exchange.cancel.onCancel = () => finish('client_gone');
    giving.onCut(() => {
      response.destroy();
      finish('cut');
    });
    ticker.add(watchSilence);
    source.start();
  });
}

/** An answer with a body that can be read as it is, and that only the meter of one answer reads. */
function isPlain({ method }: ProxyRequest, { answer, resultsMeter }: JudgedAnswer): boolean {
  return method !== 'HEAD' && !resultsMeter && answer.header('content-encoding') === undefined;
}

/** Lists to leave something out of; answers that name something which belongs to this profile, or that link to the provider's own origin. */
function mustBeSeen({ route, method }: ProxyRequest, { answer }: JudgedAnswer, { mayList }: Giving): boolean {
  if (!answer.header('content-type')?.includes('json')) return false;
  if (mayList) return true;
  if (answer.header('content-encoding')) return false;
  if (route.path.endsWith('/results') || route.path.endsWith('/content')) return false;
  if (route.purpose === 'batches') return true;
  return method === 'POST' && (route.purpose === 'files' || route.format === 'openai-responses');
}

function sendHeld(
  request: ProxyRequest,
  judged: JudgedAnswer,
  giving: Giving,
  whole: Buffer,
  isDecoded: boolean,
): void {
  const { exchange, route, method } = request;
  for (const id of idsIn(whole, method === 'POST')) giving.onCreated?.(id);
  const linked = route.purpose === 'batches' ? rewriteResultsUrl(whole, judged.profile.base, giving.ownPrefix) : whole;
  const listed = giving.mayList ? listAllowed(linked, giving.mayList) : linked;
  const bytes = judged.credential.redactor.redactBody(listed);
  writeHead(exchange, judged, giving, { keepsLength: false, contentLength: bytes.length, isDecoded });
  exchange.response.end(bytes);
}

/** What the answer names that belongs to its profile: what was created, and the files in which a batch ended. */
function idsIn(body: Buffer, isCreated: boolean): string[] {
  const { id, output_file_id, error_file_id } = fieldsIn(body);
  const ids = [...(isCreated ? [id] : []), output_file_id, error_file_id];
  return ids.filter((each): each is string => typeof each === 'string' && each.length <= 200);
}

function fieldsIn(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    // Not JSON after all: it names nothing.
    return {};
  }
}
