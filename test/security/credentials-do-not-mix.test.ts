import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';
import { decisionsIn, everyManagementRoute } from './every-management-route.ts';
import { everyRoute } from './every-route.ts';
import { type Listener, requestText, sendRaw } from './raw-http.ts';

/** More failures from one address in ten seconds would be answered with the throttle. */
const FEW = 40;

let world: TestManagement;
const held: Record<string, string> = {};
beforeAll(async () => {
  world = await TestManagement.start();
  const text = async (path: string, body: object, field: string) => {
    const answer = await world.socket.post(path, body);
    return (answer.body as Record<string, string>)[field]!;
  };
  await world.socket.post('/agents', { id: 'builder' });
  held['agent key'] = await text('/agents/builder/keys', {}, 'key');
  held['client secret'] = await text('/agents/builder/keys', { kind: 'client_secret' }, 'key');
  held['access token'] = await text('/agents/builder/tokens', {}, 'token');
  held['admin key'] = await text('/admin-keys', { role: 'owner' }, 'key');
  const asked = await fetch(`${world.gateway.url}/v1/enrollments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'elsewhere', providers: ['anthropic'] }),
  });
  held['poll token'] = ((await asked.json()) as { pollToken: string }).pollToken;
});
afterAll(() => world[Symbol.asyncDispose]());

interface Asked {
  readonly listener: Listener;
  readonly host: string;
  readonly headers: readonly string[];
}

/** The statuses that such a request gets on these routes, apart from the wanted one. */
async function otherThan(wanted: number, routes: ReturnType<typeof everyRoute>, { listener, host, headers }: Asked) {
  const other: string[] = [];
  for (const [at, { method, path }] of routes.entries()) {
    if (at % FEW === 0) world.clock.offsetMs += 11_000;
    const { statuses } = await sendRaw(
      listener,
      requestText(`${method} ${path} HTTP/1.1`, [`host: ${host}`, ...headers]),
    );
    if (statuses.length !== 1 || statuses[0] !== wanted) other.push(`${method} ${path}: ${statuses.join(' ')}`);
  }
  return other;
}

const decisions = () => decisionsIn(world.app.stores().audit);
const AGENTS = ['agent key', 'client secret', 'access token', 'poll token'] as const;

describe.each(AGENTS)('the management API, with the %s of an agent,', (kind) => {
  it('is 403 on every route, over TCP and on the socket, in either header', async () => {
    const before = decisions();
    const { url, socket } = world.management;
    const places = [
      { listener: Number(new URL(url!).port), host: new URL(url!).host },
      { listener: socket, host: 'localhost' },
    ];
    for (const place of places) {
      for (const header of [`authorization: Bearer ${held[kind]}`, `x-api-key: ${held[kind]}`]) {
        expect(await otherThan(403, everyManagementRoute(), { ...place, headers: [header] })).toEqual([]);
      }
    }
    expect(decisions()).toBe(before);
  });

  it('is 403 also beside an admin key: nobody is let in for the better of two', async () => {
    const { url } = world.management;
    const both = [`authorization: Bearer ${held['admin key']}`, `x-api-key: ${held[kind]}`];
    const place = { listener: Number(new URL(url!).port), host: new URL(url!).host, headers: both };
    expect(await otherThan(403, everyManagementRoute(), place)).toEqual([]);
  });
});

/** What asks for no credential: it says nothing that a stranger could not know. */
const OPEN = ['/healthz', '/readyz', '/v1/proxy/anthropic', '/v1/proxy/openai/api/hello', '/v1/enrollments'];
const isOpen = (path: string) => OPEN.includes(path) || path.startsWith('/.well-known/');
const CLOSED = everyRoute().filter(({ path }) => !isOpen(path) && !['/', '/nothing'].includes(path));

describe('the proxy', () => {
  const HEADERS: readonly (readonly [string, () => string[]])[] = [
    ['as Bearer', () => [`authorization: Bearer ${held['admin key']}`]],
    ['in x-api-key', () => [`x-api-key: ${held['admin key']}`]],
    ['in both', () => [`authorization: Bearer ${held['admin key']}`, `x-api-key: ${held['admin key']}`]],
  ];
  it.each(HEADERS)('is 401 on every route that asks who calls, with an admin key %s', async (_, headers) => {
    const { port } = world.gateway;
    // The route of a provider that only the table of routes knows is not there.
    const known = CLOSED.filter(({ path }) => !path.includes('/proxy/local/'));
    expect(known.length).toBeGreaterThan(40);
    expect(await otherThan(401, known, { listener: port, host: `127.0.0.1:${port}`, headers: headers() })).toEqual([]);
    expect(world.simulator.requests).toEqual([]);
  });

  it.each(['agent key', 'client secret', 'poll token'])('takes no %s in place of an access token', async (kind) => {
    const { port } = world.gateway;
    const forTokens = CLOSED.filter(({ path }) => path.startsWith('/v1/proxy/') && !path.includes('/proxy/local/'));
    const headers = [`authorization: Bearer ${held[kind]}`];
    expect(await otherThan(401, forTokens, { listener: port, host: `127.0.0.1:${port}`, headers })).toEqual([]);
    expect(world.simulator.requests).toEqual([]);
  });

  it('answers a stranger on the open routes with nothing of what is stored', async () => {
    for (const path of ['/healthz', '/readyz', '/v1/proxy/anthropic', '/.well-known/oauth-authorization-server']) {
      const text = await (await fetch(world.gateway.url + path)).text();
      expect([path, /builder|elsewhere|acc_|enr_|key_/.test(text)]).toEqual([path, false]);
    }
  });
});

describe('junk where a credential belongs', () => {
  const BROKER = CLOSED.filter(({ path }) => !path.startsWith('/v1/proxy/'));
  const JUNK: readonly (readonly [string, readonly string[]])[] = [
    ['64 KiB', [`authorization: Bearer mba_${'a'.repeat(65_536)}`]],
    ['8 KiB', [`authorization: Bearer mba_${'a'.repeat(8_192)}`]],
    ['a NUL', ['authorization: Bearer mba_\x00']],
    ['no ASCII', ['authorization: Bearer mba_\xe9\xff']],
    ['two headers', ['authorization: Bearer mba_x', 'authorization: Bearer mba_y']],
    ['two of the other', ['x-api-key: mba_x', 'x-api-key: mba_y']],
    ['odd casing', ['AUTHORIZATION: bEaReR   mba_x']],
    ['nothing', ['authorization:']],
    ['Basic of nothing', ['authorization: Basic']],
    ['Basic without a colon', ['authorization: Basic YWJj']],
    ['Basic of a broken escape', [`authorization: Basic ${Buffer.from('%ff:%zz').toString('base64')}`]],
    ['Basic that is endless', [`authorization: Basic ${'YWJj'.repeat(4_000)}`]],
  ];
  it.each(JUNK)('is refused on every route of the broker and hurts nothing: %s', async (_, headers) => {
    const { port } = world.gateway;
    world.clock.offsetMs += 11_000;
    for (const { method, path } of BROKER) {
      const line = `${method} ${path} HTTP/1.1`;
      const { statuses } = await sendRaw(port, requestText(line, [`host: 127.0.0.1:${port}`, ...headers]));
      expect([line, statuses.length, [400, 401, 431].includes(statuses[0]!)]).toEqual([line, 1, true]);
    }
    expect((await fetch(`${world.gateway.url}/healthz`)).status).toBe(200);
  });
});
