import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';
import { requestText, sendRaw } from './raw-http.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start({
    // Named by a person's order: a subscription serves other clients than its own only then.
    config: { agents: { list: [{ id: 'reader', auth: { order: { anthropic: ['anthropic:sub'] } } }] } },
    profiles: [
      'first',
      { name: 'first', provider: 'openai' },
      { name: 'sub', provider: 'anthropic', type: 'token', agentId: 'reader' },
    ],
  });
});
afterEach(() => gateway.simulator.forgetRequests());
afterAll(() => gateway[Symbol.asyncDispose]());

const BODY = JSON.stringify(SMALL);

async function send(headers: readonly string[], provider = 'anthropic') {
  const { port } = gateway.gateway;
  const path = provider === 'anthropic' ? 'anthropic/v1/messages' : 'openai/v1/chat/completions';
  const all = [`host: 127.0.0.1:${port}`, 'content-type: application/json', ...headers];
  return sendRaw(port, requestText(`POST /v1/proxy/${path} HTTP/1.1`, all, BODY));
}

/** What the provider got: the credentials by header and name, and every header's name and value. */
function received() {
  return gateway.simulator.requests.map(({ credentials, rawHeaders }) => ({
    credentials: credentials.map(({ header, scheme, name }) => `${header} ${scheme} ${name}`),
    headers: Object.fromEntries(
      rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1]!]] : [])),
    ),
  }));
}

describe('what goes upstream', () => {
  it.each([
    ['anthropic', 'main', 'x-api-key plain first'],
    ['openai', 'main', 'authorization bearer first'],
    ['anthropic', 'reader', 'authorization bearer sub'],
  ])(
    'for %s (agent %s) carries exactly one credential, whatever the client sent',
    async (provider, agentId, credential) => {
      const { token } = gateway.issue(agentId);
      const client = [
        `authorization: Bearer ${token}`,
        'x-api-key: sk-sim-of-the-client-000000',
        'api-key: sk-sim-of-the-client-000000',
        'x-goog-api-key: of-the-client',
        'cookie: session=of-the-client',
        'proxy-authorization: Basic b2YtdGhlLWNsaWVudA==',
        'proxy-connection: keep-alive',
        'x-moltbot-profile: anthropic:other',
        'x-moltbot-agent: other',
        `x-anything: ${token}`,
        `x-anything-else: before Bearer ${token} after`,
      ];
      const { statuses } = await send(client, provider);
      expect(statuses).toEqual([200]);
      expect(received().map(({ credentials }) => credentials)).toEqual([[credential]]);
      const text = JSON.stringify(received()[0]!.headers);
      expect(text).not.toMatch(/of-the-client|mbt_|b2YtdGhl|x-moltbot|proxy-|cookie|x-anything/);
    },
  );

  it.each(['authorization', 'Authorization', 'AUTHORIZATION', 'x-api-key', 'X-Api-Key', 'aUTHORIZATION'])(
    'has none of our token in it when it came as %s',
    async (name) => {
      const value = name.toLowerCase() === 'x-api-key' ? gateway.token : `bEaReR   ${gateway.token}`;
      expect((await send([`${name}: ${value}`])).statuses).toEqual([200]);
      expect(received().map(({ credentials }) => credentials)).toEqual([['x-api-key plain first']]);
      expect(JSON.stringify(received())).not.toContain('mbt_');
    },
  );
});

describe('odd credentials', () => {
  it.each([
    [
      'two authorization headers',
      () => [`authorization: Bearer ${gateway.token}`, `authorization: Bearer ${gateway.token}`],
      400,
    ],
    ['two x-api-key headers', () => [`x-api-key: ${gateway.token}`, 'x-api-key: other'], 400],
    [
      'two different valid tokens',
      () => [`authorization: Bearer ${gateway.token}`, `x-api-key: ${gateway.issue().token}`],
      400,
    ],
    ['a token of 60 KiB', () => [`authorization: Bearer mbt_${'a'.repeat(60_000)}`], 401],
    ['a token of 64 KiB and more', () => [`authorization: Bearer mbt_${'a'.repeat(70_000)}`], 431],
    ['a thousand headers of junk', () => Array.from({ length: 1000 }, (_, n) => `x-${n}: ${'a'.repeat(100)}`), 431],
    ['a token with letters beyond ASCII', () => [`authorization: Bearer ${gateway.token}\xe9`], 401],
    ['a token with a NUL', () => [`authorization: Bearer ${gateway.token}\x00`], 400],
    [
      'a token with another in the same header',
      () => [`authorization: Bearer ${gateway.token}, Bearer ${gateway.token}`],
      401,
    ],
    ['a token as Basic', () => [`authorization: Basic ${Buffer.from(`:${gateway.token}`).toString('base64')}`], 401],
    ['a token without a scheme', () => [`authorization: ${gateway.token}`], 401],
    ['a token in a cookie', () => [`cookie: authorization=${gateway.token}`], 401],
    ['an accessor in place of a token', () => [`authorization: Bearer ${gateway.issue().accessor}`], 401],
    [
      'a provider key in place of a token',
      () => [`x-api-key: ${gateway.simulator.issueKey('anthropic', 'first')}`],
      401,
    ],
    ['an empty token', () => ['authorization: Bearer ', 'x-api-key:'], 401],
    ['quotes of SQL', () => [`x-api-key: ' OR 1=1 --`], 401],
    ['half a token', () => [`authorization: Bearer ${gateway.token.slice(0, -1)}`], 401],
    ['a token in other case', () => [`authorization: Bearer ${gateway.token.toUpperCase()}`], 401],
  ] as const)('%s: refused, nothing sent on, still serving', async (_, headers, status) => {
    const { statuses } = await send(headers());
    expect([statuses, gateway.simulator.requests.length]).toEqual([[status], 0]);
    expect((await gateway.post()).status).toBe(200);
    // So that refusals of one test are not throttled for those of another.
    gateway.move(11_000);
  });

  it('a token in the query counts for nothing', async () => {
    const { port } = gateway.gateway;
    const target = `/v1/proxy/anthropic/v1/messages?api_key=${gateway.token}&access_token=${gateway.token}`;
    const headers = [`host: 127.0.0.1:${port}`, 'content-type: application/json'];
    const { statuses } = await sendRaw(port, requestText(`POST ${target} HTTP/1.1`, headers, BODY));
    expect([statuses, gateway.simulator.requests.length]).toEqual([[401], 0]);
  });
});

describe('headers that belong to one connection', () => {
  const bearer = () => `authorization: Bearer ${gateway.token}`;

  it.each([
    'authorization',
    'x-api-key',
    'host',
    'content-length',
    'content-type',
    'anthropic-version',
    'accept-encoding',
    'transfer-encoding',
    'close, x-api-key, authorization, ',
  ])('take nothing away from what we add when the client writes "connection: %s"', async (name) => {
    const { statuses } = await send([bearer(), 'anthropic-version: 2023-06-01', `connection: ${name}`]);
    // Without its type the provider may refuse the body; the credential is there all the same.
    expect([200, 400, 415]).toContain(statuses[0]);
    expect(
      received().map(({ credentials, headers }) => [
        credentials,
        'anthropic-version' in headers,
        headers['accept-encoding'],
      ]),
    ).toEqual([[['x-api-key plain first'], true, 'identity']]);
  });

  it('do not travel on, neither the usual ones nor those that the client lists', async () => {
    const hop = [
      'keep-alive: timeout=5',
      'te: trailers',
      'trailer: x-sum',
      'proxy-connection: close',
      'x-hop: 1',
      'x-kept: 1',
    ];
    const { statuses } = await send([bearer(), ...hop, 'connection: keep-alive, X-Hop']);
    expect(statuses).toEqual([200]);
    expect(
      Object.keys(received()[0]!.headers).filter((name) => /keep-alive|^te$|trailer|proxy|x-hop|x-kept/.test(name)),
    ).toEqual(['x-kept']);
  });

  it('do not come back from upstream, and its trailers do not either', async () => {
    const upstream = createServer((request, response) => {
      request.resume();
      response.writeHead(200, [
        ...['content-type', 'application/json', 'connection', 'keep-alive, x-hop', 'keep-alive', 'timeout=7'],
        ...[
          'x-hop',
          '1',
          'proxy-authenticate',
          'Basic',
          'trailer',
          'x-sum',
          'x-kept',
          '1',
          'x-moltbot-error',
          'FORGED',
        ],
        ...['set-cookie', 'a=b', 'strict-transport-security', 'max-age=1', 'clear-site-data', '"*"'],
      ]);
      response.write('{"id":');
      response.addTrailers({ 'x-sum': 'secret' });
      response.end('1}');
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
    const config = { models: { providers: { local: { api: ['openai-chat'], auth: 'none', baseUrl } } } };
    await using own = await TestGateway.start({ config });
    const { port } = own.gateway;
    const headers = [`host: 127.0.0.1:${port}`, `authorization: Bearer ${own.token}`, 'content-type: application/json'];
    const { text } = await sendRaw(port, requestText('POST /v1/proxy/local/chat/completions HTTP/1.1', headers, BODY));
    upstream.closeAllConnections();
    upstream.close();
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toMatch(/x-kept: 1/i);
    expect(text).not.toMatch(/x-hop|timeout=7|proxy-authenticate|x-sum|forged|set-cookie|strict-transport|clear-site/i);
  });
});
