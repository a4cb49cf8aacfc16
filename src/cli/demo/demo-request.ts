import type { Secret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';

const DEMO_BODY = '{"model":"claude-haiku-4-5","max_tokens":50,"messages":[{"role":"user","content":"hello"}]}';

const LIMIT_MS = 20_000;

export interface DemoAnswer {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
}

/** Sends one request through the gateway as any client would: a base URL and a token. */
export async function sendDemoRequest(url: string, token: Secret): Promise<DemoAnswer> {
  const startedAtMs = performance.now();
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token.reveal()}`,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
    body: DEMO_BODY,
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const body = await response.text();
  return {
    status: response.status,
    text: printable(textOf(body)),
    tookMs: Math.round(performance.now() - startedAtMs),
  };
}

/** The same request for a person to type. */
export function demoCurl(url: string, token: Secret): string {
  return [
    `curl -s ${url}/v1/messages`,
    `-H 'authorization: Bearer ${token.reveal()}'`,
    "-H 'anthropic-version: 2023-06-01' -H 'content-type: application/json'",
    `-d '${DEMO_BODY}'`,
  ].join(' \\\n    ');
}

function textOf(body: string): string {
  try {
    const { content, error } = JSON.parse(body) as { content?: { text?: string }[]; error?: { message?: string } };
    return content?.[0]?.text ?? error?.message ?? body.slice(0, 200);
  } catch {
    // Not JSON: then the beginning says most.
    return body.slice(0, 200);
  }
}
