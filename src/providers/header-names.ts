/** Credentials under every name a client or an upstream might use for one. */
const CREDENTIAL = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'proxy-authorization',
  'cookie',
  'cookie2',
];

/** Connection-level (RFC 9110 section 7.6.1) or framing: each side of the gateway has its own. */
// biome-ignore format: a list reads better in lines
const HOP_BY_HOP = [
  'connection', 'proxy-connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings',
  'expect', 'proxy-authenticate', 'proxy-authentication-info',
];
const FRAMING = ['host', 'content-length', 'content-encoding', 'accept-encoding'];

/** What would make upstream see another method, path or client than the one that was judged. */
// biome-ignore format: a list reads better in lines
const DISGUISE = [
  'forwarded', 'via', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'x-http-method-override',
  'x-http-method', 'x-method-override', 'x-original-url', 'x-rewrite-url',
];
const DISGUISE_PREFIXES = ['x-forwarded-', 'x-moltbot-', 'proxy-'];

const REQUEST_DROPPED = new Set([
  ...CREDENTIAL,
  ...HOP_BY_HOP,
  ...DISGUISE,
  'host',
  'content-length',
  'accept-encoding',
]);
const SETTING_REFUSED = new Set([...CREDENTIAL, ...HOP_BY_HOP, ...FRAMING, ...DISGUISE]);

/** Of an answer: what would act on the gateway's own origin, or let a web page read the answer. */
// biome-ignore format: a list reads better in lines
const ANSWER_DROPPED = new Set([
  ...HOP_BY_HOP, 'set-cookie', 'set-cookie2', 'alt-svc', 'strict-transport-security', 'clear-site-data',
]);

/** Whether a client's header (lower-case name) stays out of the upstream request. */
export function isDroppedFromRequest(name: string): boolean {
  return REQUEST_DROPPED.has(name) || DISGUISE_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Whether an upstream header stays out of the client's answer. `x-moltbot-simulated` says where an answer is from. */
export function isDroppedFromAnswer(name: string): boolean {
  if (ANSWER_DROPPED.has(name) || name.startsWith('access-control-') || name.startsWith('proxy-')) return true;
  return name.startsWith('x-moltbot-') && name !== 'x-moltbot-simulated';
}

/** Whether a person's setting may not name this header: credentials, framing, hop-by-hop, and our own. */
export function isRefusedInSettings(name: string): boolean {
  return SETTING_REFUSED.has(name) || DISGUISE_PREFIXES.some((prefix) => name.startsWith(prefix));
}
