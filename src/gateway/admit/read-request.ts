import { hash } from 'node:crypto';
import type { AccessToken } from '../../agents/token-store.ts';
import type { Exchange } from '../exchange.ts';
import { headerOf } from '../headers/raw-headers.ts';
import { isClaudeCode, sessionOf } from '../headers/session.ts';
import { type RequestFacts, readFacts } from '../shape/request-facts.ts';
import { decodeCopy, isEncoded } from '../stream/decode.ts';
import type { Call, ProxyRequest } from './proxy-request.ts';
import { readBody } from './read-body.ts';

const MOST_DECODED_BYTES = 32 * 1024 * 1024;

/** Reads the body (an upload stays a stream) and what must be known of it. Throws TOO_LARGE, DUPLICATE_FIELDS and kin. */
export async function readRequest(call: Call, token: AccessToken): Promise<ProxyRequest> {
  const { exchange, route, rawHeaders } = call;
  const body = await readBody(exchange, route.body);
  const facts = await factsOf(body, headerOf(rawHeaders, 'content-encoding'));
  return {
    ...call,
    token,
    agentId: token.agentId,
    isClaudeCode: isClaudeCode(rawHeaders),
    session: sessionKey(sessionOf(rawHeaders, facts.sessionHint) ?? token.accessor),
    body,
    upload: uploadOf(exchange, call),
    facts,
  };
}

/**
 * Of a compressed body a decoded copy is read; the bytes go on as they are, so nothing can be spliced into them. What
 * cannot be decoded is the provider's to refuse.
 */
async function factsOf(body: Buffer, encoding: string | undefined): Promise<RequestFacts> {
  if (!isEncoded(encoding)) return readFacts(body);
  const copy = await decodeCopy(body, encoding!, MOST_DECODED_BYTES);
  return { ...readFacts(copy ?? Buffer.alloc(0)), control: undefined };
}

function uploadOf(exchange: Exchange, { route }: Call): ProxyRequest['upload'] {
  return route.body === 'upload' ? exchange.request : undefined;
}

/** What clients call a session may be long or personal: only its hash is kept. */
function sessionKey(session: string): string {
  return hash('sha256', session, 'base64url');
}
