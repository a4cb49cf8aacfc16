import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as startRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/simulator/keys.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { call } from './call.ts';

const hi = { model: 'claude-haiku-4-5-20251001', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };
const VERSION = { 'anthropic-version': '2023-06-01' };

let simulator: Simulator;
let key: string;

beforeEach(async () => {
  simulator = await startSimulator({ keepBodyBytes: 200, keepRequests: 3 });
  key = simulator.issueKey('anthropic', 'work');
});
afterEach(() => simulator.close());

const send = (
  body: object | Buffer = hi,
  headers: Record<string, string> = { 'x-api-key': key },
  path = '/v1/messages',
) => call(`${simulator.url}${path}`, { body, headers: { ...VERSION, ...headers } });
const last = () => simulator.requests.at(-1)!;

describe('what is remembered of a request', () => {
  it('method, path, query, route, model and the digest of the body', async () => {
    await send(hi, { 'x-api-key': key }, '/anthropic/v1/messages?beta=true');
    const text = JSON.stringify(hi);
    expect(last()).toMatchObject({
      method: 'POST',
      path: '/anthropic/v1/messages',
      query: 'beta=true',
      family: 'anthropic',
      route: 'messages',
      model: hi.model,
      stream: false,
      status: 200,
      failure: null,
      closedEarly: false,
      bodyBytes: text.length,
      bodySha256: createHash('sha256').update(text).digest('hex'),
    });
    expect(last().body.toString()).toBe(text);
  });

  it('headers as they came, with a fingerprint in place of every credential', async () => {
    await send(hi, { 'X-Api-Key': key, Cookie: `a=${key}`, 'X-Other': 'kept' });
    const { rawHeaders } = last();
    expect(rawHeaders[rawHeaders.indexOf('X-Api-Key') + 1]).toBe(`[fingerprint ${fingerprintOf(key)}]`);
    expect(rawHeaders[rawHeaders.indexOf('X-Other') + 1]).toBe('kept');
    expect(JSON.stringify(last())).not.toContain(key);
  });

  it('every credential that was presented, issued or not', async () => {
    await send(hi, { 'x-api-key': key, authorization: 'Bearer mbt_unknown' });
    expect(last().credentials.toSorted((a, b) => a.header.localeCompare(b.header))).toEqual([
      {
        header: 'authorization',
        scheme: 'bearer',
        fingerprint: fingerprintOf('mbt_unknown'),
        kind: 'unknown',
        name: null,
      },
      { header: 'x-api-key', scheme: 'plain', fingerprint: fingerprintOf(key), kind: 'api_key', name: 'work' },
    ]);
  });

  it('the start of a large body, and the digest of all of it', async () => {
    const large = { ...hi, metadata: { user_id: 'x'.repeat(5000) } };
    await send(large);
    expect(last().body).toHaveLength(200);
    expect(last().bodySha256).toBe(createHash('sha256').update(JSON.stringify(large)).digest('hex'));
  });

  it('the bytes of a compressed body, which is understood all the same', async () => {
    const bytes = gzipSync(JSON.stringify(hi));
    const reply = await send(bytes, { 'x-api-key': key, 'content-encoding': 'gzip' });
    expect(reply.status).toBe(200);
    expect(last()).toMatchObject({ model: hi.model, bodyBytes: bytes.length });
  });

  it('which connection it came over', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports: number[] = [];
    for (const over of [agent, agent, undefined]) {
      const sent = startRequest(`${simulator.url}/v1/models`, over ? { agent: over } : { agent: false });
      sent.end();
      const [response] = await once(sent, 'response');
      await once(response.resume(), 'close');
      ports.push(last().remotePort);
    }
    agent.destroy();
    expect([ports[0] === ports[1], ports[1] === ports[2]]).toEqual([true, false]);
  });

  it('the latest requests only', async () => {
    for (let index = 0; index < 10; index++) await send();
    expect(simulator.requests.length).toBeLessThan(6);
    simulator.forgetRequests();
    expect(simulator.requests).toEqual([]);
  });

  it('refused ones too', async () => {
    await send({}, {});
    expect(last()).toMatchObject({ status: 401, credentials: [] });
    await send(hi, { 'x-api-key': key }, '/v1/../secret');
    expect(last()).toMatchObject({ status: 404, route: null });
  });
});

describe('keys', () => {
  it('are the same after a restart and different for each provider, type and name', async () => {
    const again = await startSimulator();
    expect(again.issueKey('anthropic', 'work')).toBe(key);
    const others = [
      again.issueKey('anthropic', 'other'),
      again.issueKey('anthropic', 'work', 'token'),
      again.issueKey('openai', 'work'),
      again.issueKey('xai', 'work'),
    ];
    expect(new Set([key, ...others]).size).toBe(5);
    expect(again.keys).toHaveLength(5);
    await again.close();
  });
});

describe('the control routes', () => {
  const control = (path: string, method: string, body?: string) =>
    call(`${simulator.url}/__simulator/${path}`, { method, ...(body === undefined ? {} : { body }) });

  it('show what was received without a credential', async () => {
    await send();
    const { text } = await control('requests', 'GET');
    const shown = JSON.parse(text).requests;
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ path: '/v1/messages', status: 200, bodyText: JSON.stringify(hi) });
    expect(text).not.toContain(key);
    expect((await control('requests', 'DELETE')).status).toBe(200);
    expect(simulator.requests).toEqual([]);
  });

  it('list keys by fingerprint only', async () => {
    const { text } = await control('keys', 'GET');
    expect(JSON.parse(text).keys).toEqual([
      { provider: 'anthropic', name: 'work', type: 'api_key', fingerprint: fingerprintOf(key) },
    ]);
  });

  it('add rules, and replace them', async () => {
    const script = '{ rules: [{ fail: { kind: "error", error: "overloaded" } }] }';
    expect(JSON.parse((await control('script', 'POST', script)).text)).toEqual({ rules: 1, replaced: false });
    expect((await send()).status).toBe(529);
    expect((await control('script', 'PUT', '{}')).status).toBe(200);
    expect((await send()).status).toBe(200);
  });

  it('say what is wrong with a script and keep the old one', async () => {
    simulator.addRules({ fail: { kind: 'error', error: 'billing' } });
    const reply = await control('script', 'PUT', '{ rules: 1 }');
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text).error).toMatch(/^The simulator script is wrong at rules: /);
    expect((await send()).status).toBe(402);
    expect((await control('nothing', 'GET')).status).toBe(404);
  });
});

describe('start and stop', () => {
  it('names a port that is taken', async () => {
    await expect(startSimulator({ port: simulator.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${simulator.port} is taken.`,
    });
  });

  it('puts a script on top of a scenario', async () => {
    const both = await startSimulator({
      scenario: 'rate-limited-first',
      script: { keys: [{ provider: 'xai', name: 'more' }], rules: [{ fail: { kind: 'error', error: 'overloaded' } }] },
    });
    const status = async (name: string) => {
      const headers = { ...VERSION, 'x-api-key': both.issueKey('anthropic', name) };
      return (await call(`${both.url}/v1/messages`, { body: hi, headers })).status;
    };
    expect([await status('first'), await status('second')]).toEqual([429, 529]);
    expect(both.keys.some(({ name }) => name === 'more')).toBe(true);
    await both.close();
  });
});
