import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccessToken } from '../../src/agents/access-token.ts';
import { newAgentKey } from '../../src/agents/agent-key.ts';
import { createAdminKey } from '../../src/agents/change-admin-keys.ts';
import { issueToken } from '../../src/agents/change-tokens.ts';
import { TestManagement } from '../fakes/test-management.ts';
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
const refusals = ({ app }: TestManagement) =>
  app
    .stores()
    .audit.after({ limit: 100 })
    .filter(({ action }) => action === 'request.refused')
    .map(({ detail }) => detail);
const bearer = () => `authorization: Bearer ${key}`;

describe('the management listener', () => {
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

  it('names its own setting to whoever calls it by another name', async () => {
    const { text } = await sendRaw(port, requestText('GET /credentials HTTP/1.1', ['host: evil.example', bearer()]));
    expect(text).toContain('add the name to management.http.allowedHosts');
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
