import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';
import { requestText, sendRaw } from './raw-http.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start({ profiles: ['first', { name: 'first', provider: 'openai' }] });
});
afterEach(() => gateway.simulator.forgetRequests());
afterAll(() => gateway[Symbol.asyncDispose]());

async function send(method: string, target: string, extra: readonly string[] = []) {
  const { port } = gateway.gateway;
  const body = method === 'POST' ? JSON.stringify(SMALL) : '';
  const headers = [`host: 127.0.0.1:${port}`, `authorization: Bearer ${gateway.token}`, ...extra];
  if (body) headers.push('content-type: application/json');
  const { statuses } = await sendRaw(port, requestText(`${method} ${target} HTTP/1.1`, headers, body));
  return {
    status: statuses[0],
    paths: gateway.simulator.requests.map(({ path, query }) => path + (query && `?${query}`)),
  };
}

describe('a target that could be read in two ways', () => {
  const BASE = '/v1/proxy/anthropic/v1';
  it.each([
    `${BASE}/./messages`,
    `${BASE}/../v1/messages`,
    `${BASE}/messages/..`,
    `${BASE}/messages/../files`,
    '/v1/proxy/openai/../anthropic/v1/messages',
    '/v1/proxy/../../healthz',
    `${BASE}/%2e%2e/messages`,
    `${BASE}/%2E./messages`,
    `${BASE}/messages%2fcount_tokens`,
    `${BASE}/messages%2Fbatches`,
    `${BASE}%5cmessages`,
    `${BASE}\\messages`,
    `${BASE}//messages`,
    '//v1/proxy/anthropic/v1/messages',
    '//evil.example/v1/proxy/anthropic/v1/messages',
    `${BASE}/messages/`.replace('/messages/', '/messages//'),
    `${BASE}/@evil.example/messages`,
    `${BASE}/messages@evil.example`,
    `${BASE}/messages%40evil.example`,
    `${BASE}/messages%00`,
    `${BASE}/messages\x00`,
    `${BASE}/messages%0d%0ax-evil:1`,
    `${BASE}/%6dessages`,
    `${BASE}/messa%67es`,
    `${BASE}/%256dessages`,
    `${BASE}/messages#fragment`,
    `${BASE}/messages?a=b#fragment`,
    `${BASE}/messages\t`,
    `${BASE}/m\xe9ssages`,
    `${BASE}/messages;/../files`,
    'http://evil.example/v1/proxy/anthropic/v1/messages',
    'https://127.0.0.1/v1/proxy/anthropic/v1/messages',
    '*',
    'v1/proxy/anthropic/v1/messages',
    `${BASE}/${'a'.repeat(10_000)}`,
  ])('%j is 400 and nothing is sent on', async (target) => {
    expect(await send('POST', target)).toEqual({ status: 400, paths: [] });
  });

  it.each([
    `${BASE}/messages/`,
    `${BASE}/messages;v=1`,
    `${BASE}/Messages`,
    `${BASE}/messages.json`,
    `${BASE}/v1/v1/messages`,
    `${BASE}/complete`,
    `${BASE}/organizations/me`,
    '/v1/proxy/anthropicx/v1/messages',
    '/V1/proxy/anthropic/v1/messages',
    '/v1/proxy/Anthropic/v1/messages',
    '/v1/messages',
    '/v1/proxy/anthropic:443/v1/messages',
  ])('%j is no route and nothing is sent on', async (target) => {
    expect(await send('POST', target)).toEqual({ status: 404, paths: [] });
  });
});

describe('what is authorised is what is forwarded', () => {
  it.each([
    ['/v1/proxy/anthropic/messages', '/v1/messages'],
    ['/v1/proxy/anthropic/v1/messages', '/v1/messages'],
    ['/v1/proxy/anthropic/v1/v1/messages', '/v1/messages'],
    ['/v1/proxy/anthropic/v1/messages?beta=true', '/v1/messages?beta=true'],
    ['/v1/proxy/anthropic/v1/messages?next=/../../files', '/v1/messages?next=/../../files'],
    ['/v1/proxy/openai/v1/chat/completions', '/openai/v1/chat/completions'],
  ])('%s goes to %s', async (target, path) => {
    const { status, paths } = await send('POST', target, ['anthropic-version: 2023-06-01']);
    expect([status, paths]).toEqual([200, [path]]);
  });

  it('goes to the one origin, whatever queries, headers and fields of the body say', async () => {
    const other = 'http://127.0.0.1:9';
    const headers = ['base_url', 'x-base-url', 'x-upstream', 'x-target-url', 'x-moltbot-upstream', 'x-forwarded-host'];
    const { port } = gateway.gateway;
    const body = JSON.stringify({
      ...SMALL,
      base_url: other,
      baseUrl: other,
      api_base: other,
      metadata: { user_id: other },
    });
    const lines = [
      `host: 127.0.0.1:${port}`,
      `authorization: Bearer ${gateway.token}`,
      'content-type: application/json',
      ...headers.map((name) => `${name}: ${other}`),
    ];
    const target = `/v1/proxy/anthropic/v1/messages?base_url=${other}&api_base=${other}`;
    const { statuses } = await sendRaw(port, requestText(`POST ${target} HTTP/1.1`, lines, body));
    // The provider refuses the fields it does not know, or does not mind them: either way it was the provider.
    expect([200, 400]).toContain(statuses[0]);
    expect(gateway.simulator.requests.map((request) => request.credentials.map(({ name }) => name))).toEqual([
      ['first'],
    ]);
    const [received] = gateway.simulator.requests;
    const at = received!.rawHeaders.findIndex((name) => name.toLowerCase() === 'host');
    expect(received!.rawHeaders[at + 1]).toBe(`127.0.0.1:${gateway.simulator.port}`);
  });
});
