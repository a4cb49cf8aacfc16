import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startGateway } from '../../src/gateway/gateway.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const VERSION = { 'anthropic-version': '2023-06-01' };
const json = (body: unknown) => JSON.stringify(body);
const code = (answer: { status: number; headers: Record<string, unknown> }) => [
  answer.status,
  answer.headers['x-moltbot-error'],
];

describe('a path', () => {
  it.each(['messages', 'v1/messages', 'v1/v1/messages'])('%s means /v1/messages, with its query', async (path) => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    expect((await gateway.post({ path: `anthropic/${path}?beta=true` })).status).toBe(200);
    const [seen] = gateway.simulator.requests;
    expect([seen!.path, seen!.query.replace(/^\?/, '')]).toEqual(['/v1/messages', 'beta=true']);
  });

  it.each(['chat/completions', 'v1/chat/completions', 'v1/v1/chat/completions'])('openai/%s too', async (path) => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'first', provider: 'openai' }] });
    const body = { model: 'gpt-5', messages: SMALL.messages };
    expect((await gateway.post({ path: `openai/${path}`, body })).status).toBe(200);
    expect(gateway.simulator.requests[0]!.path).toBe('/openai/v1/chat/completions');
  });

  it('that is not let through is 404 with how to allow it, and works once allowed', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'first', provider: 'openai' }] });
    const ask = () => gateway.send('/v1/proxy/openai/v1/images/generations', { body: '{"prompt":"a cat"}' });
    const refused = await ask();
    expect(code(refused)).toEqual([404, 'ROUTE_NOT_FOUND']);
    expect(refused.body.toString()).toContain(
      `moltbot config set models.providers.openai.allowRoutes '[\\"images/generations\\"]'`,
    );
    expect(gateway.simulator.requests).toEqual([]);
    gateway.writeConfig({ models: { providers: { openai: { allowRoutes: ['images/generations'] } } } });
    // The simulator has no such route: its own 404 shows that it was asked.
    await expect.poll(async () => (await ask()).headers['x-moltbot-error'], { timeout: 5_000 }).toBeUndefined();
    expect(gateway.simulator.requests[0]!.path).toBe('/openai/v1/images/generations');
    expect(gateway.states()).toEqual([]);
  });

  it('of an unknown provider is 404 and names the nearest', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const answer = await gateway.send('/v1/proxy/antropic/v1/messages', { body: json(SMALL) });
    expect(code(answer)).toEqual([404, 'PROVIDER_NOT_FOUND']);
    expect(answer.body.toString()).toContain('Did you mean \\"anthropic\\"?');
  });

  it.each([
    '/v1/proxy/anthropic/v1/../v1/messages',
    '/v1/proxy/anthropic/v1/%2e%2e/files',
    '/v1/proxy/anthropic//v1/messages',
  ])('%s is refused before routing', async (path) => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${gateway.token}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('x-moltbot-error: BAD_TARGET');
    expect(gateway.simulator.requests).toEqual([]);
  });

  it.each([
    ['PUT', '/v1/proxy/anthropic/v1/messages', 405],
    ['GET', '/v1/proxy/anthropic/v1/messages', 405],
    ['TRACE', '/v1/proxy/anthropic/v1/messages', 405],
    ['GET', '/elsewhere', 404],
    ['POST', '/healthz', 405],
  ])('%s %s is %i', async (method, path, status) => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    expect((await gateway.send(path, { method })).status).toBe(status);
    expect(gateway.simulator.requests).toEqual([]);
  });
});

describe('what clients ask on the side', () => {
  it.each(['/v1/proxy/anthropic/api/hello', '/v1/proxy/anthropic'])(
    'HEAD %s is answered at once, without a token',
    async (path) => {
      await using gateway = await TestGateway.start();
      expect((await gateway.send(path, { method: 'HEAD', token: null })).status).toBe(200);
    },
  );

  it.each(['/healthz', '/readyz'])('%s says ok', async (path) => {
    await using gateway = await TestGateway.start();
    const answer = await gateway.send(path, { method: 'GET', token: null });
    expect([answer.status, answer.body.toString()]).toEqual([200, '{"status":"ok"}']);
  });

  it('a WebSocket is refused with 426 at once', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const answer = await gateway.send('/v1/proxy/openai/v1/responses', {
      method: 'GET',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'eA==',
      },
    });
    expect(code(answer)).toEqual([426, 'WEBSOCKET_NOT_SERVED']);
  });

  it('an upgrade to h2c is ignored and served as HTTP/1.1', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const answer = await gateway.send('/v1/proxy/anthropic/v1/messages', {
      headers: { ...VERSION, connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' },
      body: json(SMALL),
    });
    expect(answer.status).toBe(200);
    const names = gateway.simulator.requests[0]!.rawHeaders.map((text) => text.toLowerCase());
    expect(names).not.toContain('upgrade');
    expect(names).not.toContain('http2-settings');
  });

  it('models are listed in the provider’s shape', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const answer = await gateway.send('/v1/proxy/anthropic/v1/models?limit=1000', { method: 'GET', headers: VERSION });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ has_more: false, data: expect.any(Array) });
  });

  it('27 counts of tokens at once are all answered', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const path = 'anthropic/v1/messages/count_tokens';
    const answers = await Promise.all(Array.from({ length: 27 }, () => gateway.post({ path })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 27 }, () => 200));
  });
});

describe('a body', () => {
  it('of 33 MB is 413 in the dialect, and the gateway stays fine', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const large = json({ ...SMALL, padding: 'x'.repeat(33 * 1024 * 1024) });
    const response = await gateway.post({ body: large });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([413, 'TOO_LARGE']);
    expect(await response.json()).toMatchObject({ error: { type: 'request_too_large' } });
    expect((await gateway.post()).status).toBe(200);
  });

  it('of 33 MB without a length is 413 too', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const outgoing = request(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
      method: 'POST',
      agent: false,
      headers: { ...VERSION, authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
    });
    outgoing.on('error', () => undefined);
    const answered = once(outgoing, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    for (let sent = 0; sent < 33; sent++) outgoing.write(chunk);
    outgoing.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    response.resume();
    expect(gateway.simulator.requests).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16'])(
    'of type %s is 415',
    async (type) => {
      await using gateway = await TestGateway.start({ profiles: ['first'] });
      const response = await gateway.post({ headers: { 'content-type': type } });
      expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([415, 'WRONG_CONTENT_TYPE']);
    },
  );

  it('announced with Expect: 100-continue is asked for here and not upstream', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const body = json(SMALL);
    const outgoing = request(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
      method: 'POST',
      agent: false,
      headers: {
        ...VERSION,
        authorization: `Bearer ${gateway.token}`,
        'content-type': 'application/json',
        'content-length': body.length,
        expect: '100-continue',
      },
    });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [{ statusCode: number; resume(): void }];
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(gateway.simulator.requests[0]!.rawHeaders.map((text) => text.toLowerCase())).not.toContain('expect');
  });
});

describe('the brake', () => {
  const growing = (turn: number) => ({
    ...SMALL,
    messages: [{ role: 'user', content: `${'Please go on. '.repeat(100)}${'x'.repeat(turn)}` }],
  });

  it('stops the 31st nearly identical growing request of a session within ten seconds', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const statuses: number[] = [];
    for (let turn = 0; turn < 30; turn++) statuses.push((await gateway.post({ body: growing(turn) })).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const stopped = await gateway.post({ body: growing(30) });
    expect([stopped.status, stopped.headers.get('x-moltbot-error')]).toEqual([429, 'RUNAWAY']);
    expect(stopped.headers.get('x-should-retry')).toBe('false');
    expect(gateway.simulator.requests).toHaveLength(30);
    expect((await gateway.post({ body: growing(31), headers: { 'x-session-id': 'other' } })).status).toBe(200);
    gateway.move(10_000);
    expect((await gateway.post({ body: growing(32) })).status).toBe(200);
  });

  it('leaves identical requests in parallel alone', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const answers = await Promise.all(Array.from({ length: 60 }, () => gateway.post()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('the listener', () => {
  it('says which port is taken', async () => {
    await using gateway = await TestGateway.start();
    const { port } = new URL(gateway.url);
    const again = startGateway(gateway.dependencies, { host: '127.0.0.1', port: Number(port) });
    await expect(again).rejects.toMatchObject({ code: 'PORT_TAKEN', message: `Port ${port} on 127.0.0.1 is taken.` });
  });
});
