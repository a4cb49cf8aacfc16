import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import { isUpstreamsFault } from '../stream/break-cause.ts';
import { EventRelay, type RelayVerdict } from '../stream/event-relay.ts';
import { type Ending, type Giving, writeHead } from './answer-head.ts';
import { readableSource } from './answer-source.ts';

/**
 * Passes an event stream on as its events become whole, and ends it visibly when upstream does not end it well. The one
 * place where the relay (bytes in, bytes out) meets a socket, an upstream and a clock.
 */
export function relayEvents(request: ProxyRequest, judged: JudgedAnswer, giving: Giving): Promise<Ending> {
  const { exchange } = request;
  const { response } = exchange;
  const { answer, credential, profile } = judged;
  const { ticker } = giving;
  const relay = new EventRelay({
    format: request.route.format!,
    redactor: credential.redactor,
    provider: profile.provider.id,
    requestId: exchange.requestId,
    nowMs: ticker.now(),
    keepAliveAfterMs: giving.keepAliveAfterMs,
    silenceMs: giving.silenceMs,
    meter: judged.meter,
    isUsageOurs: judged.isUsageOurs,
  });
  let onCreated = giving.onCreated;
  /** From the terminal event until it is written down how the answer ended: what the client does not see yet. */
  let held: Buffer[] | undefined;
  let isClosed = false;

  return new Promise((resolve) => {
    const tick = () => send(relay.tick(ticker.now()));
    const finish = (ending: Ending) => {
      ticker.remove(tick);
      answer.abort();
      resolve(ending);
    };
    /** Writes what the relay gave; false asks upstream to pause. */
    const send = (bytes: Buffer | undefined): boolean => {
      if (!exchange.isOpen) {
        finish('client_gone');
        return false;
      }
      if (onCreated && bytes) onCreated = noteCreated(bytes, onCreated);
      judged.entry.sentBytes += bytes?.length ?? 0;
      if (!isClosed && relay.comingVerdict !== 'running') close();
      if (!held) return write(bytes);
      if (bytes) held.push(bytes);
      return true;
    };
    const write = (bytes: Buffer | undefined): boolean => {
      const mayGoOn = bytes === undefined || bytes.length === 0 || response.write(bytes);
      if (relay.isOver) {
        response.end();
        finish(endingOf(relay.verdict));
      }
      return mayGoOn;
    };
    /** The end is written down before the client sees it. */
    const close = () => {
      isClosed = true;
      held = [];
      giving.close(endingOf(relay.comingVerdict), (isWritten) => {
        const last = Buffer.concat(held ?? []);
        held = undefined;
        if (isWritten) return void write(last);
        response.destroy();
        finish('cut');
      });
    };
    const hold = () => {
      relay.hold();
      response.once('drain', () => {
        relay.release(ticker.now());
        if (!relay.isOver) source?.resume();
      });
    };
    const data = (chunk: Buffer): boolean => {
      const mayGoOn = send(relay.push(chunk, ticker.now()));
      if (!mayGoOn && !relay.isOver) hold();
      return mayGoOn;
    };
    const source = readableSource(judged, {
      data,
      end: () => void send(relay.end()),
      broken: (cause) => void send(relay.break(cause)),
    });
    if (!source) {
      // Nothing of it can be read, so nothing of it can be passed on as events.
      writeHead(exchange, judged, giving, { keepsLength: false, isDecoded: true });
      send(relay.break('undecodable'));
      return;
    }
    exchange.cancel.onCancel = () => finish('client_gone');
    giving.onCut((cause) => void send(relay.break(cause)));
    writeHead(exchange, judged, giving, { keepsLength: false, isDecoded: source.isDecoded });
    // The head leaves at once: a client that waits for it must not wait for the first event too.
    response.flushHeaders();
    ticker.add(tick);
    source.start();
  });
}

/** The first id in a stream of Responses is the stored response's own. */
function noteCreated(bytes: Buffer, onCreated: (id: string) => void): typeof onCreated | undefined {
  const id = /"id"\s*:\s*"(resp_[\w-]{1,200})"/.exec(bytes.toString('latin1', 0, Math.min(bytes.length, 8192)))?.[1];
  if (!id) return onCreated;
  onCreated(id);
  return undefined;
}

function endingOf(verdict: RelayVerdict): Ending {
  if (verdict === 'complete' || verdict === 'upstream_error') return verdict;
  if (verdict === 'silent') return 'silent';
  return verdict !== 'running' && isUpstreamsFault(verdict) ? 'broken' : 'cut';
}
