import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SMALL, type TestGateway } from '../fakes/test-gateway.ts';
import { everyRoute, startForEveryRoute } from './every-route.ts';
import { requestText, sendRaw } from './raw-http.ts';

let gateway: TestGateway;
let port: number;
let bearer: string;
beforeAll(async () => {
  gateway = await startForEveryRoute();
  port = gateway.gateway.port;
  bearer = `authorization: Bearer ${gateway.token}`;
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ROUTES = everyRoute();
const BODY = JSON.stringify(SMALL);
const JSON_TYPE = 'content-type: application/json';

/** Sends the request to every route and gives the answers that are not of one of the wanted statuses. */
async function wrongAnswers(headers: readonly string[], wanted: readonly number[], target = (path: string) => path) {
  const wrong: string[] = [];
  for (const { method, path } of ROUTES) {
    const { statuses, text } = await sendRaw(port, requestText(`${method} ${target(path)} HTTP/1.1`, headers));
    const fits = statuses.length === 1 && wanted.includes(statuses[0]!) && !/access-control-/i.test(text);
    if (!fits) wrong.push(`${method} ${path}: ${statuses.join(' ') || 'nothing'}`);
  }
  return wrong;
}

describe('the Host header', () => {
  it('is asked for on more than fifty routes', () => {
    expect(ROUTES.length).toBeGreaterThan(50);
  });

  const FOREIGN = [
    () => 'evil.example',
    () => `evil.example:${port}`,
    () => `localhost.:${port}`,
    () => '127.0.0.1:1',
    () => '',
    () => `127.0.0.1@evil.example:${port}`,
  ];
  it.each(FOREIGN.map((host) => [String(host).replace('() => ', ''), host]))(
    'refuses %s on every route, with a valid token and with none',
    async (_, host) => {
      expect(await wrongAnswers([`host: ${host()}`, bearer], [400, 421])).toEqual([]);
      const { statuses } = await sendRaw(
        port,
        requestText('POST /v1/proxy/anthropic/v1/messages HTTP/1.1', [`host: ${host()}`]),
      );
      expect([400, 421]).toContain(statuses[0]);
      expect(gateway.simulator.requests).toEqual([]);
    },
  );

  it.each([
    'gateway.localhost',
    '[::1',
    '0.0.0.0',
    '2130706433',
    '127.1',
    'localhost, evil.example',
    'localhost/x',
    'LOCALHOST.',
  ])('refuses %s', async (host) => {
    const { statuses } = await sendRaw(port, requestText('GET /healthz HTTP/1.1', [`host: ${host}`]));
    expect([400, 421]).toContain(statuses[0]);
  });

  it('is asked for exactly once on every route', async () => {
    expect(await wrongAnswers([`host: 127.0.0.1:${port}`, 'host: evil.example', bearer], [400])).toEqual([]);
    expect(await wrongAnswers([bearer], [400])).toEqual([]);
    const old = await sendRaw(port, requestText('GET /healthz HTTP/1.0', []));
    expect(old.statuses).toEqual([400]);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('does not count when the target names a host, its own or another', async () => {
    for (const host of ['evil.example', `127.0.0.1:${port}`]) {
      const headers = [`host: 127.0.0.1:${port}`, bearer];
      expect(await wrongAnswers(headers, [400], (path) => `http://${host}${path}`)).toEqual([]);
    }
    expect(gateway.simulator.requests).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', 'LocalHost'])('may be %s, with our port or none', async (name) => {
    for (const host of [name, `${name}:${port}`]) {
      const { statuses } = await sendRaw(port, requestText('GET /healthz HTTP/1.1', [`host: ${host}`]));
      expect(statuses).toEqual([200]);
    }
  });
});

describe('a web page', () => {
  const host = () => `host: 127.0.0.1:${port}`;
  const FOREIGN = [
    () => 'origin: https://evil.example',
    () => 'origin: null',
    () => 'origin:',
    () => `origin: http://127.0.0.1:${port}.evil.example`,
    () => `origin: https://127.0.0.1:${port}`,
    () => 'sec-fetch-site: cross-site',
    () => 'sec-fetch-site: same-site',
  ];
  it.each(FOREIGN.map((header) => [String(header).replace('() => ', ''), header]))(
    'is refused on every route when the browser says %s',
    async (_, header) => {
      expect(await wrongAnswers([host(), bearer, header()], [403])).toEqual([]);
      expect(gateway.simulator.requests).toEqual([]);
    },
  );

  it('gets no permission from a preflight on any route, and none to reach a private network', async () => {
    const asks = [
      'origin: https://evil.example',
      'access-control-request-method: POST',
      'access-control-request-headers: authorization',
      'access-control-request-private-network: true',
    ];
    for (const { path } of ROUTES) {
      const { statuses, text } = await sendRaw(port, requestText(`OPTIONS ${path} HTTP/1.1`, [host(), ...asks]));
      expect([path, statuses, /access-control-/i.test(text)]).toEqual([path, [405], false]);
    }
  });

  it('cannot read an answer because its provider says so', async () => {
    gateway.simulator.setScript({
      rules: [
        {
          first: 1,
          fail: {
            kind: 'headers',
            headers: { 'access-control-allow-origin': '*', 'set-cookie': 'a=b', 'alt-svc': 'h3=":1"' },
          },
        },
      ],
    });
    const response = await gateway.post();
    expect(response.status).toBe(200);
    const names = [...response.headers.keys()].filter((name) => /^(access-control|set-cookie|alt-svc)/.test(name));
    expect(names).toEqual([]);
    gateway.simulator.setScript({});
    gateway.simulator.forgetRequests();
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'application/jsonp',
    '',
  ])('cannot have a body of type "%s" acted upon, with a valid token and with none', async (type) => {
    const headers = [host(), ...(type ? [`content-type: ${type}`] : [])];
    const line = 'POST /v1/proxy/anthropic/v1/messages HTTP/1.1';
    expect((await sendRaw(port, requestText(line, [...headers, bearer], BODY))).statuses).toEqual([415]);
    expect([401, 415]).toContain((await sendRaw(port, requestText(line, headers, BODY))).statuses[0]);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('changes nothing with GET and no body', async () => {
    for (const path of [
      'anthropic/v1/messages',
      'openai/v1/chat/completions',
      'anthropic/v1/messages/batches/abc/cancel',
    ]) {
      const { statuses } = await sendRaw(port, requestText(`GET /v1/proxy/${path} HTTP/1.1`, [host(), bearer]));
      expect([path, statuses]).toEqual([path, [405]]);
      const post = await sendRaw(port, requestText(`POST /v1/proxy/${path} HTTP/1.1`, [host()]));
      expect([path, post.statuses]).toEqual([path, [401]]);
    }
    expect(gateway.simulator.requests).toEqual([]);
  });
});

describe('other protocols', () => {
  const headers = () => [`host: 127.0.0.1:${port}`, bearer];

  it('finds no tunnel: CONNECT and TRACE are refused', async () => {
    for (const line of [
      'CONNECT evil.example:443 HTTP/1.1',
      `CONNECT 127.0.0.1:${port} HTTP/1.1`,
      'TRACE /healthz HTTP/1.1',
    ]) {
      const { statuses, text } = await sendRaw(port, requestText(line, headers()));
      expect([line, statuses]).toEqual([line, [405]]);
      expect(text).not.toContain(gateway.token);
    }
  });

  it('is told at once that WebSocket is not served', async () => {
    const upgrade = ['upgrade: websocket', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version: 13'];
    const text = `GET /v1/proxy/openai/v1/responses HTTP/1.1\r\n${[...headers(), 'connection: upgrade', ...upgrade].join('\r\n')}\r\n\r\n`;
    const { statuses } = await sendRaw(port, text, 500);
    expect(statuses).toEqual([426]);
  });

  it('is served as HTTP/1.1 when it asks for h2c, and not at all when it begins with HTTP/2', async () => {
    const upgrade = ['upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__', 'connection: upgrade, http2-settings, close'];
    const body = `content-length: ${BODY.length}`;
    const text = `POST /v1/proxy/anthropic/v1/messages HTTP/1.1\r\n${[...headers(), JSON_TYPE, body, ...upgrade].join('\r\n')}\r\n\r\n${BODY}`;
    expect((await sendRaw(port, text)).statuses).toEqual([200]);
    expect(
      gateway.simulator.requests.map((request) => request.rawHeaders.filter((name) => /upgrade|http2/i.test(name))),
    ).toEqual([[]]);
    const preface = await sendRaw(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    expect(preface.statuses.every((status) => status === 400)).toBe(true);
    expect(preface.closed).toBe(true);
    gateway.simulator.forgetRequests();
  });
});

describe('headers that speak for another client', () => {
  const DISGUISE = [
    'x-forwarded-host: evil.example',
    'x-forwarded-for: 203.0.113.9',
    'x-forwarded-proto: https',
    'forwarded: for=203.0.113.9;host=evil.example',
    'x-real-ip: 203.0.113.9',
    'x-http-method-override: DELETE',
    'x-original-url: /healthz',
    'x-rewrite-url: /healthz',
    'via: 1.1 evil',
  ];

  it('change neither what is decided nor what is sent on', async () => {
    const line = 'POST /v1/proxy/anthropic/v1/messages HTTP/1.1';
    const headers = [`host: 127.0.0.1:${port}`, bearer, JSON_TYPE];
    await sendRaw(port, requestText(line, headers, BODY));
    const disguised = await sendRaw(port, requestText(line, [...headers, ...DISGUISE], BODY));
    expect(disguised.statuses).toEqual([200]);
    const [plain, other] = gateway.simulator.requests.map(({ method, path, rawHeaders }) => ({
      method,
      path,
      rawHeaders,
    }));
    expect(other).toEqual(plain);
    expect(
      (
        await sendRaw(
          port,
          requestText(line, [`host: evil.example`, bearer, ...DISGUISE, `x-forwarded-host: 127.0.0.1:${port}`]),
        )
      ).statuses,
    ).toEqual([421]);
    gateway.simulator.forgetRequests();
  });
});
