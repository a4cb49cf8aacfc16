/** `https://api.anthropic.com/v1` → `https://api.anthropic.com`: scheme, host and port, as secrets are bound to. */
export function originOf(baseUrl: string): string {
  return new URL(baseUrl).origin;
}
