import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const limited = (seconds: number) =>
  ({ kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds }] }) as never;

/** One request over the agent's connection; gives the status and the connection's own port. */
async function over(gateway: TestGateway, agent: Agent, token: string): Promise<[number, number]> {
  const outgoing = request(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    agent,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
  });
  outgoing.end(JSON.stringify(SMALL));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const port = response.socket.localPort!;
  response.resume();
  await once(response, 'end');
  return [response.statusCode!, port];
}

describe('a client’s connection', () => {
  it('serves on after an answer of ours whose body was read', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ first: 1, fail: { kind: 'reset' } }] },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = [];
    for (let turn = 0; turn < 3; turn++) answers.push(await over(gateway, agent, gateway.token));
    expect(answers.map(([status]) => status)).toEqual([502, 200, 200]);
    expect(new Set(answers.map(([, port]) => port)).size).toBe(1);
    agent.destroy();
  });

  it('that leaves in the middle of its body costs nothing upstream', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const head = [
      'POST /v1/proxy/anthropic/v1/messages HTTP/1.1',
      `host: ${new URL(gateway.url).host}`,
      `authorization: Bearer ${gateway.token}`,
      'content-type: application/json',
      'content-length: 1000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"model":`);
    await once(socket, 'ready');
    socket.destroy();
    await expect.poll(() => gateway.logLines.some((line) => line.includes('"code":"REQUEST_TIMEOUT"'))).toBe(true);
    expect(gateway.simulator.requests).toEqual([]);
    expect((await gateway.post()).status).toBe(200);
  });

  it('that leaves in the middle of a file cancels it upstream', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const outgoing = request(`${gateway.url}/v1/proxy/anthropic/v1/files`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${gateway.token}`,
        'anthropic-version': '2023-06-01',
        'content-type': 'multipart/form-data; boundary=b',
      },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhello');
    await vi.waitFor(() => expect(gateway.simulator.requests).toHaveLength(1));
    outgoing.destroy();
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
    expect(gateway.states()).toEqual([]);
    expect((await gateway.post()).status).toBe(200);
  });

  it('may send a file without saying how long it is', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const parts = [
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n',
      'hello',
      '\r\n--b--\r\n',
    ];
    const response = await fetch(`${gateway.url}/v1/proxy/anthropic/v1/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.token}`,
        'anthropic-version': '2023-06-01',
        'content-type': 'multipart/form-data; boundary=b',
      },
      body: ReadableStream.from(parts.map((part) => Buffer.from(part))),
      duplex: 'half',
    });
    expect(response.status).toBe(200);
    expect(gateway.simulator.requests[0]!.body.toString()).toBe(parts.join(''));
  });

  it('that is one of sixty at once is served while the first profile falls', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'authentication' } }] },
    });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => gateway.post({ headers: { 'x-session-id': String(at) } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    // Refusals of requests that were on their way already are one failure, not many.
    expect(gateway.windows()).toMatchObject([{ reason: 'auth', kind: 'cooldown', rung: 0, failuresInARow: 1 }]);
  });

  it('that is held for a profile is told at once when its token is revoked', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: limited(8) }] },
    });
    const { token, accessor } = gateway.issue();
    const waiting = gateway.post({ token });
    await expect.poll(() => gateway.served()).toEqual(['first 429']);
    gateway.tokens.revoke(accessor, gateway.now());
    const startedAtMs = performance.now();
    const response = await waiting;
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    expect(gateway.served()).toEqual(['first 429']);
  });
});

describe('the provider’s connection', () => {
  it('is used again by the next request', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    for (let turn = 0; turn < 3; turn++) await gateway.post();
    expect(new Set(gateway.simulator.requests.map(({ remotePort }) => remotePort)).size).toBe(1);
  });

  it('may answer before it has read the body: its refusal passes', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'early' } }] },
    });
    const response = await gateway.post({ body: { ...SMALL, padding: 'x'.repeat(8 * 1024 * 1024) } });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([413, null]);
    expect((await response.json()) as object).toMatchObject({ error: { type: 'request_too_large' } });
  });

  it('may answer before it has read a file: its refusal passes', async () => {
    const provider = createServer((incoming, response) => {
      response.writeHead(413, { 'content-type': 'application/json' });
      response.end('{"type":"error","error":{"type":"request_too_large","message":"Too large."}}');
      incoming.resume();
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    await using gateway = await TestGateway.start({
      config: { models: { providers: { anthropic: { baseUrl: `http://127.0.0.1:${port}` } } } },
      env: { ANTHROPIC_API_KEY: `sk-ant-sim-${'a'.repeat(40)}` },
    });
    const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
    const response = await fetch(`${gateway.url}/v1/proxy/anthropic/v1/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.token}`,
        'anthropic-version': '2023-06-01',
        'content-type': 'multipart/form-data; boundary=b',
      },
      body: `${part}${'x'.repeat(8 * 1024 * 1024)}\r\n--b--\r\n`,
    });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('Too large.');
    expect((await gateway.send('/healthz', { method: 'GET' })).status).toBe(200);
    provider.closeAllConnections();
    provider.close();
  });

  it('drops headers that are not for the client and keeps the others', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: {
        rules: [
          {
            fail: {
              kind: 'headers',
              headers: {
                'set-cookie': ['a=1', 'b=2'],
                'alt-svc': 'h3=":443"',
                'strict-transport-security': 'max-age=1',
                'x-kept': 'yes',
              },
            },
          },
        ],
      },
    });
    const { headers } = await gateway.post();
    for (const name of ['set-cookie', 'alt-svc', 'strict-transport-security']) expect(headers.get(name)).toBeNull();
    expect(headers.get('x-kept')).toBe('yes');
    expect(headers.get('request-id')).toBe(gateway.simulator.requests[0]!.requestId);
    expect(headers.get('anthropic-ratelimit-requests-remaining')).toBe('3999');
    expect(headers.get('x-moltbot-request-id')).toMatch(/^mbr_/);
  });
});
