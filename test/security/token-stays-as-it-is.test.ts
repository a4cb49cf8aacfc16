import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import { BROKER_ROUTES } from '../../src/gateway/broker/serve-broker.ts';
import { booksOf, tester, tokenOf } from '../fakes/gateway-agents.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';
import { OWN_PROVIDER } from './every-route.ts';

const NARROW = { providers: ['anthropic'], uses: 1_000, policy: { models: ['anthropic/claude-haiku-4-5'] } };

let gateway: TestGateway;
let token: string;
let accessor: string;
beforeAll(async () => {
  gateway = await TestGateway.start({
    profiles: ['first', { name: 'first', provider: 'openai', agentId: 'builder' }, { name: 'own', agentId: 'builder' }],
    config: { models: { providers: { local: { ...OWN_PROVIDER, baseUrl: 'http://127.0.0.1:9/v1' } } } },
  });
  token = tokenOf(gateway, 'builder', {}, NARROW);
  const answer = await fetch(`${gateway.url}/v1/self`, { headers: { authorization: `Bearer ${token}` } });
  ({ accessor } = (await answer.json()) as { accessor: string });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Everything that says who may do what, as the database holds it. */
const rights = () =>
  JSON.stringify(
    ['agents', 'access_tokens', 'agent_keys', 'enrollments', 'grants', 'admin_keys', 'pauses'].map((table) =>
      gateway.database.all(`SELECT * FROM ${table}`).map((row) => ({ ...row, refused_at_ms: null })),
    ),
  );

async function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
  const answer = await fetch(gateway.url + path, { method, headers, ...(hasBody && { body }) });
  return { status: answer.status, text: await answer.text() };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const WISHES = [
  '{"ttl":"1h"}',
  '{"ttl":"1h","providers":["openai"],"uses":1000000}',
  '{"agentId":"main","models":["anthropic/*"]}',
];

describe('a token', () => {
  it('can neither be renewed, nor buy, make or end anything, by any route of the broker, however it is sent', async () => {
    const before = rights();
    const basic = (id: string) => `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`;
    const ways = [
      { authorization: `Bearer ${token}` },
      { 'x-api-key': token },
      { authorization: `Bearer ${token}`, 'x-api-key': token },
      { authorization: basic('builder') },
      { authorization: basic(accessor) },
    ];
    for (const { method, name, body } of BROKER_ROUTES) {
      if (name.startsWith('/.well-known') || name === '/v1/enrollments') continue;
      const path = name.replace('{id}', accessor);
      for (const headers of ways) {
        gateway.move(2_000); // so that no throttle answers in place of the route
        const form = `grant_type=client_credentials&client_id=builder`;
        const sent = body === 'none' ? [undefined] : body === 'form' ? [form] : WISHES;
        for (const text of sent) {
          const type = body === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
          const { status } = await ask(method, path, { ...headers, ...(text && { 'content-type': type }) }, text);
          expect([path, text, [400, 401].includes(status)]).toEqual([path, text, true]);
        }
      }
    }
    expect(rights()).toBe(before);
  });

  it('is no client secret in a form, and no poll token', async () => {
    const before = rights();
    const form = `grant_type=client_credentials&client_id=builder&client_secret=${token}`;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('POST', '/oauth/token', type, form)).status).toBe(401);
    expect((await ask('POST', '/oauth/token', { ...type, authorization: `Bearer ${token}` }, form)).status).toBe(400);
    expect((await ask('GET', '/v1/enrollments/enr_x', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect(rights()).toBe(before);
  });

  it('gets no more by asking for itself with other fields, headers or methods', async () => {
    const before = rights();
    const headers = { authorization: `Bearer ${token}`, ...JSON_TYPE };
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of ['/v1/self', '/v1/tokens', `/v1/tokens/${accessor}/renew`, '/api/v1/tokens', '/oauth/token']) {
        gateway.move(2_000);
        const { status } = await ask(method, path, headers, WISHES[1]);
        expect([method, path, [401, 404, 405, 415].includes(status)]).toEqual([method, path, true]);
      }
    }
    for (const name of ['x-moltbot-agent', 'x-moltbot-providers', 'x-organization-id', 'x-moltbot-ttl']) {
      const openai = await gateway.post({ token, path: 'openai/v1/chat/completions', headers: { [name]: 'main' } });
      expect([name, openai.status]).toEqual([name, 403]);
      const opus = await gateway.post({
        token,
        body: { ...SMALL, model: 'claude-opus-4-5' },
        headers: { [name]: '*' },
      });
      expect([name, opus.status]).toEqual([name, 403]);
    }
    expect(rights()).toBe(before);
    expect((await gateway.post({ token })).status).toBe(200);
  });
});

describe('an agent key', () => {
  const keyOf = (agentId: string) =>
    rotateAgentKey(booksOf(gateway), agentId, { kind: 'key', graceMs: 0 }, tester(gateway)).key.reveal();

  it('buys only for its own agent, and only what is said in the fields there are', async () => {
    const key = keyOf('builder');
    const before = rights();
    const headers = { authorization: `Bearer ${key}`, ...JSON_TYPE };
    for (const fields of [
      '{"agentId":"main"}',
      '{"agent":"main"}',
      '{"expiresAt":9999999999999}',
      '{"renewForMs":9999999999999}',
      '{"ttl":3600001}',
      '{"ttl":"2h"}',
      '{"ttl":"59s"}',
      '{"ttl":"-1h"}',
      '{"ttl":null}',
      '{"ttl":["1h"]}',
      '{"ttl":"1e9s"}',
      '{"profile":"main/anthropic:first"}',
      '{"profile":"anthropic:first"}',
      '{"providers":["nothing"]}',
      '{"providers":[]}',
      '{"uses":0}',
      '{"uses":-1}',
      '{"uses":1.5}',
      '{"label":"a\\u202eb"}',
      '[]',
      'null',
      '"x"',
    ]) {
      const { status } = await ask('POST', '/v1/tokens', headers, fields);
      expect([fields, status >= 400 && status < 500]).toEqual([fields, true]);
    }
    expect(rights()).toBe(before);
  });

  it('of another agent neither renews nor ends a token, nor learns that it is there', async () => {
    const headers = { authorization: `Bearer ${keyOf('main')}`, ...JSON_TYPE };
    const before = rights();
    const real = await ask('POST', `/v1/tokens/${accessor}/renew`, headers, '{"ttl":"1h"}');
    const invented = await ask('POST', `/v1/tokens/${accessor.replace(/.$/, 'x')}/renew`, headers, '{"ttl":"1h"}');
    expect([real.status, invented.status]).toEqual([404, 404]);
    expect(real.text.length).toBe(invented.text.length);
    expect((await ask('DELETE', `/v1/tokens/${accessor}`, { authorization: headers.authorization })).status).toBe(404);
    expect(rights()).toBe(before);
    expect((await gateway.post({ token })).status).toBe(200);
  });
});
