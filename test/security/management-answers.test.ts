import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminKey } from '../../src/agents/change-admin-keys.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { decisionsIn } from './every-management-route.ts';
import { requestText, sendRaw } from './raw-http.ts';

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

const BODY = JSON.stringify({ role: 'owner' });
const host = () => `host: 127.0.0.1:${port}`;
const bearer = () => `authorization: Bearer ${key}`;
const auditRows = () => decisionsIn(world.app.stores().audit);

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

const refusals = ({ app }: TestManagement) =>
  app
    .stores()
    .audit.after({ limit: 100 })
    .filter(({ action }) => action === 'request.refused')
    .map(({ detail }) => detail);

describe('the management listener', () => {
  it('answers to the names that clients send on a socket, and to no other', async () => {
    expect(await Promise.all(['localhost', '127.0.0.1', 'LOCALHOST', '[::1]'].map(onSocket))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await Promise.all(['evil.example', 'localhost.', 'localhost:1'].map(onSocket))).toEqual([421, 421, 421]);
  });

  it('names its own setting to whoever calls it by another name', async () => {
    const { text } = await sendRaw(port, requestText('GET /credentials HTTP/1.1', ['host: evil.example', bearer()]));
    expect(text).toContain('add the name to management.http.allowedHosts');
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

  it('is written down, by what was wrong and never by what was sent', async () => {
    await using other = await TestManagement.start();
    await other.withKey('mbm_nobody').get('/credentials');
    await other.tcp('admin').get('/admin-keys');
    await other.socket.get('/nothing');
    await expect.poll(() => refusals(other).length).toBe(2);
    expect(refusals(other)).toEqual([
      { code: 'ADMIN_KEY_REJECTED', route: 'management', requestId: expect.stringMatching(/^mbr_/) },
      { code: 'ROLE_NOT_ALLOWED', route: 'management', requestId: expect.stringMatching(/^mbr_/) },
    ]);
  });

  it('is guessing: wrong keys are slowed down, the right one is not', async () => {
    await using other = await TestManagement.start();
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await other.withKey(`mbm_${i}`).get('/credentials')).status);
    expect([statuses.filter((status) => status === 401).length, statuses.at(-1)]).toEqual([50, 429]);
    expect((await other.tcp('admin').get('/credentials')).status).toBe(200);
  });
});
