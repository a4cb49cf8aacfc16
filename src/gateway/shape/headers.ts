import type { HeaderValue } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { CredentialHeader, Dialect } from '../../providers/provider.ts';
import { isDroppedFromAnswer, isDroppedFromRequest, isRefusedInSettings } from '../headers/header-names.ts';
import { headersOf, listOf, type RawHeaders } from '../headers/raw-headers.ts';
import { mergeBetas } from './betas.ts';

const DEFAULT_ANTHROPIC_VERSION = '2023-06-01';
/** How every token of ours begins: none may travel on in a header of any name. */
const OWN_TOKEN = /\bmb[tam]_[0-9A-Za-z]{20}/;

export interface UpstreamHeaderPlan {
  readonly dialect: Dialect;
  /** The one credential; undefined for a provider without. */
  readonly credential: CredentialHeader | undefined;
  /** `ownBetas(…)` of the profile's kind. */
  readonly betas: readonly string[];
  /** `models.providers.X.headers`: set, in place of the client's. */
  readonly headers: Readonly<Record<string, HeaderValue>> | undefined;
  /** `params.headers` of the model: set only where the client left them out. */
  readonly paramHeaders: Readonly<Record<string, string>> | undefined;
  /** Bytes of the body as it goes upstream; undefined when it has none or goes chunked. */
  readonly contentLength: number | undefined;
}

/**
 * The headers of the upstream request, flat, for undici: the client's in their order and spelling without credentials,
 * cookies, hop-by-hop, forwarding and our own ones; then what settings add; then exactly one credential. What the
 * client's `connection` lists is taken from its own headers only, never from ours.
 */
export function upstreamHeaders(raw: RawHeaders, plan: UpstreamHeaderPlan): string[] {
  const replaced = settingHeaders(plan.headers);
  const listed = listOf(headersOf(raw, 'connection')).map((name) => name.toLowerCase());
  const sent = new Set<string>();
  const headers: string[] = [];
  const betas = plan.dialect === 'anthropic' ? mergedBetas(raw, listed, plan) : undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    if (isDroppedFromRequest(name) || replaced.has(name) || listed.includes(name) || OWN_TOKEN.test(value)) continue;
    if (name === 'anthropic-beta' && betas !== undefined) continue;
    sent.add(name);
    headers.push(raw[at]!, value);
  }
  for (const [name, value] of replaced) headers.push(name, value);
  fill(headers, sent, replaced, plan);
  if (betas) headers.push('anthropic-beta', betas);
  headers.push('accept-encoding', 'identity');
  if (plan.contentLength !== undefined) headers.push('content-length', String(plan.contentLength));
  if (plan.credential) headers.push(plan.credential[0], plan.credential[1].reveal());
  return headers;
}

/** The `anthropic-version` that goes upstream with these headers: decides what may be filled into the body. */
export function anthropicVersionOf(upstream: RawHeaders): string | undefined {
  return headersOf(upstream, 'anthropic-version')[0];
}

/** The headers of an answer for the client: upstream's in order and spelling, but for what must not reach it. */
export function clientHeaders(raw: RawHeaders, options: { readonly keepsLength: boolean }): string[] {
  const listed = listOf(headersOf(raw, 'connection')).map((name) => name.toLowerCase());
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (isDroppedFromAnswer(name) || listed.includes(name)) continue;
    if (name === 'content-length' && !options.keepsLength) continue;
    headers.push(raw[at]!, raw[at + 1]!);
  }
  return headers;
}

/**
 * Checks the headers of a setting (`models.providers.X.headers`, `params.headers`), when the configuration is read.
 * @throws CONFIG_INVALID for a credential, framing, hop-by-hop or own name, and for what is no header at all.
 */
export function checkSettingHeaders(key: string, headers: Readonly<Record<string, HeaderValue>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const text = typeof value === 'string' ? value : value.replace;
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw badSetting(key, name, 'is not a header name');
    if (isRefusedInSettings(name.toLowerCase())) throw badSetting(key, name, 'may not be set here');
    if (!/^[\t\x20-\x7e]*$/.test(text)) throw badSetting(key, name, 'has a value that is not plain text');
  }
}

function settingHeaders(headers: UpstreamHeaderPlan['headers']): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase();
    if (lower === 'anthropic-beta' || isRefusedInSettings(lower)) continue;
    result.set(lower, typeof value === 'string' ? value : value.replace);
  }
  return result;
}

function fill(headers: string[], sent: Set<string>, replaced: Map<string, string>, plan: UpstreamHeaderPlan): void {
  for (const [name, value] of Object.entries(plan.paramHeaders ?? {})) {
    const lower = name.toLowerCase();
    if (sent.has(lower) || replaced.has(lower) || lower === 'anthropic-beta' || isRefusedInSettings(lower)) continue;
    sent.add(lower);
    headers.push(lower, value);
  }
  const hasVersion = sent.has('anthropic-version') || replaced.has('anthropic-version');
  if (plan.dialect === 'anthropic' && !hasVersion) headers.push('anthropic-version', DEFAULT_ANTHROPIC_VERSION);
}

function mergedBetas(raw: RawHeaders, listed: readonly string[], plan: UpstreamHeaderPlan): string | undefined {
  const client = listed.includes('anthropic-beta') ? [] : headersOf(raw, 'anthropic-beta');
  return mergeBetas(client, plan.betas, betaSetting(plan, client));
}

/** A provider's setting; else the model's, which fills only what the client left out. */
function betaSetting(plan: UpstreamHeaderPlan, client: readonly string[]): HeaderValue | undefined {
  return betaIn(plan.headers) ?? (client.length === 0 ? betaIn(plan.paramHeaders) : undefined);
}

function betaIn(headers: Readonly<Record<string, HeaderValue>> | undefined): HeaderValue | undefined {
  return Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'anthropic-beta')?.[1];
}

function badSetting(key: string, name: string, what: string): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `${key}: the header "${printable(name)}" ${what}.`, {
    hint: "Credentials, cookies, connection and length headers are the gateway's own; remove the line.",
  });
}
