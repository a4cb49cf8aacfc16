import { hash } from 'node:crypto';
import type { AccessToken } from '../../agents/token-store.ts';
import type { Exchange } from '../exchange.ts';
import { headerOf } from '../headers/raw-headers.ts';
import { isClaudeCode, sessionOf } from '../headers/session.ts';
import { otherModels } from '../shape/named-models.ts';
import { readFacts } from '../shape/request-facts.ts';
import { decodeCopy, isEncoded } from '../stream/decode.ts';
import type { Call, ProxyRequest } from './proxy-request.ts';
import { readBody } from './read-body.ts';

const MOST_DECODED_BYTES = 32 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Reads the body (an upload stays a stream) and what must be known of it; every model it names where
 * `mustKnowModels`, which is asked when the body is there: meanwhile a person may have changed policy or grant. Throws
 * TOO_LARGE, DUPLICATE_FIELDS and kin.
 */
export async function readRequest(
  call: Call,
  token: AccessToken,
  mustKnowModels: () => boolean,
): Promise<ProxyRequest> {
  const { exchange, route, rawHeaders } = call;
  const body = await readBody(exchange, route.body);
  const encoding = headerOf(rawHeaders, 'content-encoding');
  // Of a compressed one a decoded copy; what cannot be decoded is the provider's to refuse.
  const readable = isEncoded(encoding) ? ((await decodeCopy(body, encoding!, MOST_DECODED_BYTES)) ?? EMPTY) : body;
  const facts = readFacts(readable);
  return {
    ...call,
    token,
    agentId: token.agentId,
    isClaudeCode: isClaudeCode(rawHeaders),
    session: sessionKey(sessionOf(rawHeaders, facts.sessionHint) ?? token.accessor),
    body,
    upload: uploadOf(exchange, call),
    // Nothing can be spliced into compressed bytes, which go on as they are.
    facts: readable === body ? facts : { ...facts, control: undefined },
    otherModels: mustKnowModels() ? modelsBeside(call, readable) : [],
  };
}

/** Beside those of the body a provider may read one from the path or the query. */
function modelsBeside({ route, resourceId, query, method }: Call, readable: Buffer): string[] {
  const inBody = method === 'POST' ? otherModels(readable, route.body === 'batch') : [];
  const inPath = route.purpose === 'models' && resourceId !== undefined ? [resourceId] : [];
  return [...inBody, ...inPath, ...new URLSearchParams(query).getAll('model')];
}

function uploadOf(exchange: Exchange, { route }: Call): ProxyRequest['upload'] {
  return route.body === 'upload' ? exchange.request : undefined;
}

/** What clients call a session may be long or personal: only its hash is kept. */
function sessionKey(session: string): string {
  return hash('sha256', session, 'base64url');
}
