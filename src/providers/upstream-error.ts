import { printable } from '../core/text.ts';

/** Response headers as undici gives them: lower-case names, repeated ones as a list. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a provider's error body and headers say, bounded and safe to store. `message` is for rules only: never print it. */
export interface UpstreamError {
  readonly type: string | undefined;
  /** `error.code` (OpenAI, xAI) or `error.details.error_code` (Anthropic). */
  readonly code: string | undefined;
  readonly message: string;
  readonly requestId: string | undefined;
}

const MESSAGE_LIMIT = 2_000;
/** An error body larger than this is no error body. */
const BODY_LIMIT = 256 * 1024;

/**
 * Reads a provider's error in every shape that is sent: Anthropic's `{type:"error",error:{type,message,details}}`,
 * OpenAI's `{error:{message,type,param,code}}`, and xAI's three: OpenAI's, `{code,error:"text"}`, `{error:"text"}`.
 * Anything else (HTML from a load balancer, nothing at all) gives an empty message. Never throws.
 */
export function readUpstreamError(headers: ResponseHeaders, body: string | undefined): UpstreamError {
  const root = parseObject(body);
  const inner = isRecord(root?.error) ? root.error : undefined;
  const details = isRecord(inner?.details) ? inner.details : undefined;
  return {
    type: label(inner?.type),
    code: label(details?.error_code) ?? label(inner?.code) ?? label(root?.code),
    message: message(inner?.message ?? root?.error),
    requestId: requestIdOf(headers) ?? requestId(root?.request_id),
  };
}

/** The provider's own id of the request: `request-id` (Anthropic) or `x-request-id`. */
export function requestIdOf(headers: ResponseHeaders): string | undefined {
  return requestId(headerText(headers, 'request-id')) ?? requestId(headerText(headers, 'x-request-id'));
}

/** One header as text; of a repeated one the first. */
export function headerText(headers: ResponseHeaders, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' ? value : value?.[0];
}

function parseObject(body: string | undefined): Record<string, unknown> | undefined {
  if (body === undefined || body.length > BODY_LIMIT) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: a gateway's HTML page or a cut body says nothing that could be judged.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function message(value: unknown): string {
  return typeof value === 'string' ? printable(value.slice(0, MESSAGE_LIMIT)) : '';
}

/** Words only: this is stored and shown, and a hostile origin could put the credential it received here. */
function label(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z][a-z_ ]{1,99}$/i.test(value) ? value : undefined;
}

/** Whatever looks like a credential of any kind is not an id. */
function requestId(value: unknown): string | undefined {
  if (typeof value !== 'string' || /^(sk|xai|mb[ampst])[-_]/i.test(value)) return undefined;
  return /^[\w.:-]{1,100}$/.test(value) ? value : undefined;
}
