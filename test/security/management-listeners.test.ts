import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminKey } from '../../src/agents/change-admin-keys.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { decisionsIn, everyManagementRoute } from './every-management-route.ts';
import { type Listener, requestText, sendRaw } from './raw-http.ts';
import { twoWayRequests } from './two-way-requests.ts';

const ROUTES = everyManagementRoute();
const CHANGING = ROUTES.filter(({ method }) => method !== 'GET');
const JSON_TYPE = 'content-type: application/json';

let management: TestManagement;
let bearer: string;
/** The two listeners with the host name each answers to. */
const places: Record<'tcp' | 'socket', { listener: Listener; host: string }> = {
  tcp: { listener: 0, host: '' },
  socket: { listener: '', host: 'localhost' },
};
beforeAll(async () => {
  management = await TestManagement.start();
  const { url, socket } = management.management;
  places.tcp = { listener: Number(new URL(url!).port), host: new URL(url!).host };
  places.socket = { listener: socket, host: 'localhost' };
  const by = { actor: 'person:tester', nowMs: Date.now() } as const;
  const { key } = createAdminKey(management.app.stores(), { role: 'owner', label: 'canary' }, by);
  bearer = `authorization: Bearer ${key.reveal()}`;
});
afterAll(() => management[Symbol.asyncDispose]());

/** How many rows the audit has beside those of refusals: no decision, no row. */
const decisions = () => decisionsIn(management.app.stores().audit);

interface Attack {
  readonly headers: readonly string[];
  readonly body?: string;
  readonly line?: (method: string, path: string) => string;
}

/** Sends the attack to the routes and gives the answers of another status than the wanted ones, or with a CORS header. */
async function wrongAnswers(via: keyof typeof places, wanted: readonly number[], attack: Attack, routes = ROUTES) {
  const wrong: string[] = [];
  for (const { method, path } of routes) {
    const line = attack.line?.(method, path) ?? `${method} ${path} HTTP/1.1`;
    const { statuses, text } = await sendRaw(
      places[via].listener,
      requestText(line, attack.headers, attack.body ?? ''),
    );
    const fits = statuses.length === 1 && wanted.includes(statuses[0]!) && !/access-control-/i.test(text);
    if (!fits) wrong.push(`${line}: ${statuses.join(' ') || 'nothing'}`);
  }
  return wrong;
}

describe.each(['tcp', 'socket'] as const)('the management listener, by %s,', (via) => {
  const own = () => `host: ${places[via].host}`;

  it('answers to no foreign, missing, doubled or dotted host on any route, before it looks at the key', async () => {
    const before = decisions();
    const { host } = places[via];
    for (const foreign of ['evil.example', `evil.example@${host}`, 'localhost.', '127.0.0.1:1', '']) {
      expect(await wrongAnswers(via, [400, 421], { headers: [`host: ${foreign}`, bearer] })).toEqual([]);
      expect(await wrongAnswers(via, [400, 421], { headers: [`host: ${foreign}`] })).toEqual([]);
    }
    expect(await wrongAnswers(via, [400], { headers: [own(), own(), bearer] })).toEqual([]);
    expect(await wrongAnswers(via, [400], { headers: [bearer] })).toEqual([]);
    expect(decisions()).toBe(before);
  });

  it('takes no target that names a host, its own or another', async () => {
    for (const host of ['evil.example', places[via].host]) {
      const line = (method: string, path: string) => `${method} http://${host}${path} HTTP/1.1`;
      expect(await wrongAnswers(via, [400], { headers: [own(), bearer], line })).toEqual([]);
    }
  });

  it.each(['origin: https://evil.example', 'origin: null', 'sec-fetch-site: cross-site', 'sec-fetch-site: same-site'])(
    'refuses a page on every route when the browser says %s',
    async (header) => {
      const before = decisions();
      expect(await wrongAnswers(via, [403], { headers: [own(), bearer, header] })).toEqual([]);
      expect(decisions()).toBe(before);
    },
  );

  it('gives no permission to a preflight on any route', async () => {
    const asks = [
      'origin: https://evil.example',
      'access-control-request-method: POST',
      'access-control-request-private-network: true',
    ];
    const line = (_: string, path: string) => `OPTIONS ${path} HTTP/1.1`;
    expect(await wrongAnswers(via, [405], { headers: [own(), ...asks], line })).toEqual([]);
  });

  it('acts upon no body that a form can send, on any route', async () => {
    const before = decisions();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const headers = [own(), bearer, ...(type ? [`content-type: ${type}`] : [])];
      // 400: a route that takes no body at all.
      expect(await wrongAnswers(via, [400, 415], { headers, body: '{"role":"owner"}' }, CHANGING)).toEqual([]);
    }
    expect(decisions()).toBe(before);
  });

  it('changes nothing by GET or HEAD, whatever the route', async () => {
    const before = decisions();
    for (const method of ['GET', 'HEAD']) {
      for (const { path } of CHANGING.filter((route) => !route.path.endsWith('/events'))) {
        await sendRaw(places[via].listener, requestText(`${method} ${path} HTTP/1.1`, [own(), bearer]), 500);
      }
    }
    expect(decisions()).toBe(before);
  });

  it('is no tunnel, no mirror, and no WebSocket', async () => {
    const { listener } = places[via];
    for (const line of ['CONNECT evil.example:443 HTTP/1.1', 'TRACE /credentials HTTP/1.1']) {
      const { statuses, text } = await sendRaw(listener, requestText(line, [own(), bearer]));
      expect([line, statuses, text.includes('mbm_')]).toEqual([line, [405], false]);
    }
    const upgrade = ['upgrade: websocket', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version: 13'];
    const head = ['GET /api/v1/events HTTP/1.1', own(), bearer, 'connection: upgrade', ...upgrade].join('\r\n');
    expect((await sendRaw(listener, `${head}\r\n\r\n`, 500)).statuses).toEqual([426]);
  });

  it('takes no method from a header', async () => {
    const before = decisions();
    const headers = [own(), bearer, 'x-http-method-override: POST', 'x-original-url: /api/v1/admin-keys'];
    const { statuses } = await sendRaw(places[via].listener, requestText('GET /api/v1/openapi.json HTTP/1.1', headers));
    expect([statuses, decisions()]).toEqual([[200], before]);
  });

  // biome-ignore format: one target a line reads better
  it.each([
    '/api/v1/../v1/admin-keys', '/api/v1/./admin-keys', '/api/v1//admin-keys', '//api/v1/admin-keys', '/api/v1/%2e%2e/v1/admin-keys',
    '/api/v1%2fadmin-keys', '/api\\v1\\admin-keys', '/api/v1/admin-keys%00', '/api/v1/admin-keys;x', '/API/V1/ADMIN-KEYS', '/api/v1/admin-keys/',
    '/api/v1/admin-keys#x', '/@evil.example/admin-keys', '/api/v1/admin%ff-keys',
  ])('does not read %s as a path it has', async (path) => {
    const { statuses } = await sendRaw(places[via].listener, requestText(`GET ${path} HTTP/1.1`, [own(), bearer]));
    expect([path, statuses.length, [400, 404].includes(statuses[0]!)]).toEqual([path, 1, true]);
  });

  it.each(twoWayRequests('{"role":"owner"}'))(
    '%s: 400, closed, nothing changed and the hidden request not served',
    async (_, attack) => {
      const before = decisions();
      const good = ['POST /api/v1/admin-keys HTTP/1.1', own(), bearer, JSON_TYPE];
      const { statuses, closed } = await sendRaw(
        places[via].listener,
        attack((...lines) => `${[...good, ...lines].join('\r\n')}\r\n\r\n`),
      );
      expect([statuses, closed, decisions()]).toEqual([[400], true, before]);
    },
  );
});

describe('what stands in place of an admin key', () => {
  const HEADERS: readonly (readonly [string, (key: string) => string[], readonly number[]])[] = [
    ['none', () => [], [401]],
    ['an empty one', () => ['authorization: Bearer '], [401]],
    ['two of them', (key) => [key, key], [400]],
    ['64 KiB', () => [`authorization: Bearer ${'a'.repeat(65_536)}`], [401, 431]],
    ['not ASCII', () => ['authorization: Bearer mbm_\xe9\xff'], [401]],
    ['a NUL', () => ['authorization: Bearer mbm_\x00'], [400]],
    ['a cookie', (key) => [key.replace('authorization: Bearer ', 'cookie: key=')], [401]],
    ['another scheme', (key) => [key.replace('Bearer', 'Basic')], [401]],
    ['a proxy header', (key) => [`proxy-${key}`], [401]],
    ['with its last letter changed', (key) => [key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a')], [401]],
    ['in upper case', (key) => [key.toUpperCase()], [401]],
    ['cut off', (key) => [key.slice(0, -1)], [401]],
  ];
  it.each(HEADERS)('%s opens no route', async (_, headersWith, wanted) => {
    const before = decisions();
    const headers = [`host: ${places.tcp.host}`, ...headersWith(bearer)];
    expect(await wrongAnswers('tcp', [...wanted, 429], { headers })).toEqual([]);
    expect(decisions()).toBe(before);
  });

  it('may be lower or upper case in its scheme, and works from the header x-api-key', async () => {
    for (const header of [bearer.replace('Bearer', 'bEARER'), bearer.replace('authorization: Bearer', 'x-api-key:')]) {
      const headers = [`host: ${places.tcp.host}`, header];
      const { statuses } = await sendRaw(
        places.tcp.listener,
        requestText('GET /api/v1/openapi.json HTTP/1.1', headers),
      );
      expect([header.slice(0, 20), statuses]).toEqual([header.slice(0, 20), [200]]);
    }
  });
});
