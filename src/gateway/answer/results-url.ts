import type { UpstreamBase } from '../target/upstream-target.ts';

/**
 * Anthropic's batches name the place of their results absolutely; a client that went there would leave the gateway. Only
 * the beginning of that one URL is replaced, every other byte stays. `ownPrefix` is where the client reached us:
 * `http://127.0.0.1:8400/v1/proxy/anthropic`.
 */
export function rewriteResultsUrl(body: Buffer, base: UpstreamBase, ownPrefix: string): Buffer {
  const text = body.toString('utf8');
  const start = `${base.origin}${base.prefix}/`;
  const rewritten = text.replace(
    /("results_url"\s*:\s*")((?:[^"\\]|\\.)*)(")/g,
    (whole, before: string, url: string, after: string) => {
      const plain = url.replaceAll('\\/', '/');
      return plain.startsWith(start) ? `${before}${ownPrefix}/v1/${plain.slice(start.length)}${after}` : whole;
    },
  );
  return rewritten === text ? body : Buffer.from(rewritten);
}
