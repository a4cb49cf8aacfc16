/**
 * Top-level keys of the other product that uses the same folder and file name (OpenClaw's configuration reference,
 * 2026). None of them is or will be ours.
 */
const FOREIGN_KEYS = ['wizard', 'channels', 'messages', 'session', 'skills', 'plugins', 'hooks', 'bindings', 'cron'];

/** The same for keys inside its `gateway`. */
const FOREIGN_GATEWAY_KEYS = ['auth', 'mode', 'bind', 'controlUi', 'remote', 'tailscale'];

/** The key by which a parsed file is recognisably another product's, or undefined. */
export function foreignMark(raw: unknown): string | undefined {
  if (!isObject(raw)) return undefined;
  const top = FOREIGN_KEYS.find((key) => isObject(raw[key]) || Array.isArray(raw[key]));
  if (top) return top;
  if (isObject(raw.meta) && 'lastTouchedVersion' in raw.meta) return 'meta';
  const gateway = raw.gateway;
  const inGateway = isObject(gateway) ? FOREIGN_GATEWAY_KEYS.find((key) => key in gateway) : undefined;
  return inGateway && `gateway.${inGateway}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
