import type { Target } from '../jobs.ts';

/** The headers that Anthropic's own SDK sends, flat. */
export function clientHeaders(target: Target, bodyBytes: number): string[] {
  return [
    ...['host', `127.0.0.1:${target.port}`],
    ...['connection', 'keep-alive'],
    ...['accept', 'application/json'],
    ...['content-type', 'application/json'],
    ...['user-agent', 'Anthropic/JS 1.11.0'],
    ...['x-stainless-retry-count', '0'],
    ...['x-stainless-timeout', '600'],
    ...['x-stainless-lang', 'js'],
    ...['x-stainless-package-version', '1.11.0'],
    ...['x-stainless-os', 'Linux'],
    ...['x-stainless-arch', 'x64'],
    ...['x-stainless-runtime', 'node'],
    ...['x-stainless-runtime-version', 'v24.0.0'],
    ...['anthropic-version', '2023-06-01'],
    ...['accept-encoding', 'gzip, deflate'],
    ...['x-api-key', target.token],
    ...['content-length', String(bodyBytes)],
  ];
}
