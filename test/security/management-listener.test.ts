import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccessToken } from '../../src/agents/access-token.ts';
import { newAgentKey } from '../../src/agents/agent-key.ts';
import { createAdminKey } from '../../src/agents/change-admin-keys.ts';
import { issueToken } from '../../src/agents/change-tokens.ts';
import { ROUTES } from '../../src/management/routes.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { requestText, sendRaw } from './raw-http.ts';
import { twoWayRequests } from './two-way-requests.ts';

let world: TestManagement;
let port: number;
let key: string;
beforeAll(async () => {
  world = await TestManagement.start();
  port = Number(new URL(world.management.url!).port);
  const by = { actor: 'person:tester', nowMs: Date.now() } as const;
  key = createAdminKey(world.app.stores(), { role: 'owner', label: 'attacked' }, by).key.reveal();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Every route, below its prefix and bare, and a path that is none. */
const TARGETS = [
  ...ROUTES.filter(({ mediaType }) => mediaType !== 'text/event-stream').flatMap(({ method, path }) =>
    ['/api/v1', ''].map((prefix) => ({ method, path: `${prefix}${path.replace(/\{\w+\}/g, 'x')}` })),
  ),
  { method: 'GET', path: '/nothing' },
];
const BODY = JSON.stringify({ role: 'owner' });
const host = () => `host: 127.0.0.1:${port}`;
const bearer = () => `authorization: Bearer ${key}`;
const auditRows = () => world.app.stores().audit.lastSeq();

async function wrongAnswers(headers: readonly string[], wanted: readonly number[], target = (path: string) => path) {
  const wrong: string[] = [];
  for (const { method, path } of TARGETS) {
    const { statuses, text } = await sendRaw(port, requestText(`${method} ${target(path)} HTTP/1.1`, headers));
    const fits = statuses.length === 1 && wanted.includes(statuses[0]!) && !/access-control-/i.test(text);
    if (!fits) wrong.push(`${method} ${path}: ${statuses.join(' ') || 'nothing'}`);
  }
  return wrong;
}

/** One request over the socket, with that Host. */
function onSocket(hostHeader: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      socketPath: world.management.socket,
      path: '/credentials',
      headers: { host: hostHeader },
      agent: false,
    };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

describe('the management listener', () => {
  it('answers to its own names only, on every route, whoever asks', async () => {
    for (const name of ['evil.example', `evil.example:${port}`, `localhost.:${port}`, '127.0.0.1:1', '']) {
      expect(await wrongAnswers([`host: ${name}`, bearer()], [400, 421])).toEqual([]);
    }
    expect(await wrongAnswers([host(), 'host: evil.example', bearer()], [400])).toEqual([]);
    const named = (path: string) => `http://127.0.0.1:${port}${path}`;
    expect(await wrongAnswers([host(), bearer()], [400], named)).toEqual([]);
    const { text } = await sendRaw(port, requestText('GET /credentials HTTP/1.1', ['host: evil.example', bearer()]));
    expect(text).toContain('add the name to management.http.allowedHosts');
  });

  it('answers to the names that clients send on a socket, and to no other', async () => {
    expect(await Promise.all(['localhost', '127.0.0.1', 'LOCALHOST', '[::1]'].map(onSocket))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await Promise.all(['evil.example', 'localhost.', 'localhost:1'].map(onSocket))).toEqual([421, 421, 421]);
  });

  it('refuses a web page on every route, also one that holds the key', async () => {
    for (const header of [
      'origin: https://evil.example',
      'origin: null',
      'sec-fetch-site: cross-site',
      'sec-fetch-site: same-site',
    ]) {
      expect(await wrongAnswers([host(), bearer(), header], [403])).toEqual([]);
    }
  });

  it('gives no permission in a preflight', async () => {
    const asks = [
      'origin: https://evil.example',
      'access-control-request-method: POST',
      'access-control-request-private-network: true',
    ];
    for (const { path } of TARGETS) {
      const { statuses, text } = await sendRaw(port, requestText(`OPTIONS ${path} HTTP/1.1`, [host(), ...asks]));
      expect([path, statuses, /access-control-/i.test(text)]).toEqual([path, [405], false]);
    }
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
  ])('changes nothing for a simple request of type %s', async (type) => {
    const before = auditRows();
    const headers = [host(), bearer(), `content-type: ${type}`];
    const { statuses } = await sendRaw(port, requestText('POST /admin-keys HTTP/1.1', headers, BODY));
    expect([statuses, auditRows()]).toEqual([[415], before]);
  });

  it('changes nothing for a body without a type, none at all, or a GET', async () => {
    const before = auditRows();
    const untyped = await sendRaw(port, requestText('POST /admin-keys HTTP/1.1', [host(), bearer()], BODY));
    const empty = await sendRaw(port, requestText('POST /admin-keys HTTP/1.1', [host(), bearer()]));
    const get = await sendRaw(port, requestText('GET /admin-keys?role=owner HTTP/1.1', [host(), bearer()]));
    expect([untyped.statuses, empty.statuses, get.statuses, auditRows()]).toEqual([[415], [422], [422], before]);
  });

  it.each(['TRACE', 'OPTIONS', 'PROPFIND'])('does not serve %s', async (method) => {
    const { statuses } = await sendRaw(port, requestText(`${method} /credentials HTTP/1.1`, [host(), bearer()]));
    expect(statuses).toEqual([405]);
  });

  it('tunnels nothing and serves no WebSocket', async () => {
    const tunnel = await sendRaw(port, requestText('CONNECT example.com:443 HTTP/1.1', [host(), bearer()]));
    expect(tunnel.statuses).toEqual([405]);
    const upgrade = [host(), bearer(), 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];
    const { text } = await sendRaw(port, `GET /events HTTP/1.1\r\n${upgrade.join('\r\n')}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 426 /);
  });

  it.each(twoWayRequests(BODY))(
    'is not to be had by a request that could be read in two ways: %s',
    async (_, attack) => {
      const before = auditRows();
      const head = (...lines: readonly string[]) =>
        `${['POST /admin-keys HTTP/1.1', `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${key}`, 'Content-Type: application/json', ...lines].join('\r\n')}\r\n\r\n`;
      const { statuses, closed } = await sendRaw(port, attack(head));
      expect([statuses, closed, auditRows()]).toEqual([[400], true, before]);
    },
  );

  it.each([
    '/credentials/../admin-keys',
    '//admin-keys',
    '/admin%2dkeys',
    '/%61dmin-keys',
    '/admin-keys%00',
    '/x@admin-keys',
    '/admin-keys\\',
  ])('takes one spelling of a path only: %s is none', async (path) => {
    const { statuses } = await sendRaw(port, requestText(`GET ${path} HTTP/1.1`, [host(), bearer()]));
    expect(statuses).toEqual([400]);
  });

  it('takes a body of a quarter of a megabyte at most, and lets its sender read the refusal', async () => {
    const large = JSON.stringify({ role: 'owner', label: 'x'.repeat(300_000) });
    const headers = [host(), bearer(), 'content-type: application/json'];
    const sized = await sendRaw(port, requestText('POST /admin-keys HTTP/1.1', headers, large));
    expect(sized.statuses).toEqual([413]);
    const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    const head = ['POST /admin-keys HTTP/1.1', ...headers, 'transfer-encoding: chunked', 'connection: close'];
    const chunked = await sendRaw(port, `${head.join('\r\n')}\r\n\r\n${chunk}`);
    expect(chunked.statuses).toEqual([413]);
    const packed = [...headers, 'content-encoding: gzip'];
    expect((await sendRaw(port, requestText('POST /admin-keys HTTP/1.1', packed, BODY))).statuses).toEqual([415]);
  });
});

describe('what does not open the management API', () => {
  it('is anything an agent holds, on the socket and over TCP, and nothing is said about it', async () => {
    const by = { actor: 'person:tester', nowMs: Date.now() } as const;
    const live = issueToken(world.app.stores(), { agentId: 'main', ttlMs: 600_000 }, by).token.reveal();
    const held = [live, newAccessToken().reveal(), newAgentKey('key').reveal(), newAgentKey('client_secret').reveal()];
    const answers = new Set<string>();
    for (const text of held) {
      const overTcp = await world.withKey(text).get('/credentials');
      const local = await world.socket.get('/credentials', { headers: { authorization: `Bearer ${text}` } });
      for (const { status, body } of [overTcp, local]) answers.add(JSON.stringify([status, body]));
    }
    expect([...answers]).toEqual([
      JSON.stringify([
        403,
        {
          detail: 'What an agent holds does not open the management API. Send an admin key: moltbot admin keys create',
        },
      ]),
    ]);
  });

  it('is any other text: malformed, unknown, of the wrong case and none look alike', async () => {
    const unknown = `mbm_${'0'.repeat(49)}`;
    const texts = [
      unknown,
      key.slice(0, -1),
      key.toLowerCase(),
      `${key}x`,
      'x',
      'é'.repeat(20),
      'a'.repeat(60_000),
      null,
    ];
    const answers = new Set<string>();
    for (const text of texts) {
      const line = text === null ? [] : [`authorization: Bearer ${text}`];
      const { text: answer } = await sendRaw(port, requestText('GET /credentials HTTP/1.1', [host(), ...line]));
      answers.add(answer.replace(/mbr_\w+/, '').replace(/^date: .*$/im, ''));
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is an admin key at the proxy', async () => {
    const response = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(401);
  });

  it('is guessing: wrong keys are slowed down, the right one is not', async () => {
    await using other = await TestManagement.start();
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await other.withKey(`mbm_${i}`).get('/credentials')).status);
    expect([statuses.filter((status) => status === 401).length, statuses.at(-1)]).toEqual([50, 429]);
    expect((await other.tcp('admin').get('/credentials')).status).toBe(200);
  });
});
