import type { HeaderValue } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { DEFAULT_ANTHROPIC_VERSION } from '../../providers/anthropic.ts';
import { isDroppedFromAnswer, isDroppedFromRequest, isRefusedInSettings } from '../../providers/header-names.ts';
import type { CredentialHeader, Dialect } from '../../providers/provider.ts';
import { isPlainText, settingText } from '../../providers/setting-headers.ts';
import { headersOf, listOf, type RawHeaders } from '../headers/raw-headers.ts';
import { mergeBetas } from './betas.ts';

/** How every token of ours begins: none may travel on in a header of any name. Most values are too short for one. */
const OWN_TOKEN = /\bmb[ampst]_[0-9A-Za-z]{20}/;
const SHORTEST_OWN_TOKEN = 24;

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
  /** The answer is read for what was used: then the whole of it is asked for, whichever part the client wants. */
  readonly asksWhole?: boolean;
}

const OF_PARTS = ['range', 'if-range'];

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
    if (isDroppedFromRequest(name) || replaced.has(name) || listed.includes(name)) continue;
    if (value.length >= SHORTEST_OWN_TOKEN && OWN_TOKEN.test(value)) continue;
    if (name === 'anthropic-beta' && betas !== undefined) continue;
    if (plan.asksWhole && OF_PARTS.includes(name)) continue;
    sent.add(name);
    headers.push(raw[at]!, value);
  }
  for (const [name, value] of replaced) headers.push(name, value);
  fill(headers, sent, replaced, plan);
  if (betas) headers.push('anthropic-beta', plainText('anthropic-beta', betas));
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

function settingHeaders(headers: UpstreamHeaderPlan['headers']): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of entriesOf(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'anthropic-beta' || isRefusedInSettings(lower)) continue;
    result.set(lower, plainText(name, settingText(value)));
  }
  return result;
}

function fill(headers: string[], sent: Set<string>, replaced: Map<string, string>, plan: UpstreamHeaderPlan): void {
  for (const [name, value] of entriesOf(plan.paramHeaders)) {
    const lower = name.toLowerCase();
    if (sent.has(lower) || replaced.has(lower) || lower === 'anthropic-beta' || isRefusedInSettings(lower)) continue;
    sent.add(lower);
    headers.push(lower, plainText(name, value));
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
  return entriesOf(headers).find(([name]) => name.toLowerCase() === 'anthropic-beta')?.[1];
}

/** Also the entries whose variable is not set, which are hidden from copies: reading one says which it is. */
function entriesOf<Value extends HeaderValue>(headers: Readonly<Record<string, Value>> = {}): [string, Value][] {
  return Object.getOwnPropertyNames(headers).map((name) => [name, headers[name]!]);
}

/** A setting's value, which may have come from a variable. @throws CONFIG_INVALID when it cannot stand in a header. */
function plainText(name: string, value: string): string {
  if (isPlainText(value)) return value;
  throw new MoltbotError(
    'CONFIG_INVALID',
    `The header "${printable(name)}" is set to something that is not plain text.`,
    {
      hint: 'Look at the headers in the config and at the variables they take: moltbot config get models.providers',
    },
  );
}
