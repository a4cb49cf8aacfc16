import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAgentKey } from '../../src/agents/agent-key.ts';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import { changeAgent, pauseAgent, resumeAgent } from '../../src/agents/change-agents.ts';
import { booksOver, storyOf } from '../fakes/agent-books.ts';
import { findCanary } from '../fakes/canary.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const by = (gateway: TestGateway) => ({ actor: 'person:ann', nowMs: gateway.now() }) as const;

/** An agent with a credential of its own and an agent key. */
function keyOf(gateway: TestGateway, agentId = 'reviewer', policy = {}): string {
  gateway.agents.add(agentId, gateway.now(), { policy });
  const { key } = rotateAgentKey(booksOver(gateway.database), agentId, { kind: 'key', graceMs: 0 }, by(gateway));
  return key.reveal();
}

async function ask(gateway: TestGateway, key: string, body: unknown = {}, path = '', method = 'POST') {
  const response = await fetch(`${gateway.url}/v1/tokens${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(method === 'POST' && { 'content-type': 'application/json' }) },
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, error: response.headers.get('x-moltbot-error'), answer };
}

const profiles = ['first', { name: 'own', agentId: 'reviewer' }] as const;
let gateway: TestGateway;
let key: string;
beforeAll(async () => {
  gateway = await TestGateway.start({ profiles });
  key = keyOf(gateway);
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe('POST /v1/tokens', () => {
  it('gives an agent key an access token that works', async () => {
    const { status, answer } = await ask(gateway, key, { ttl: '30m', providers: ['anthropic'], label: 'ci' });
    expect({ status, answer }).toEqual({
      status: 200,
      answer: {
        token: expect.stringMatching(/^mbt_[0-9A-Za-z]{49}$/),
        accessor: expect.stringMatching(/^acc_/),
        agentId: 'reviewer',
        providers: ['anthropic'],
        expiresAt: expect.any(Number),
        baseUrl: `${gateway.url}/v1/proxy/anthropic`,
      },
    });
    expect(Math.round((Number(answer.expiresAt) - gateway.now()) / 60_000)).toBe(30);
    expect((await gateway.post({ token: String(answer.token) })).status).toBe(200);
    expect(gateway.tokens.find(String(answer.accessor))).toMatchObject({
      label: 'ci',
      agentKeyId: expect.stringMatching(/^key_/),
      renewUntilMs: expect.any(Number),
    });
  });

  it('takes the key in x-api-key, and no body for ten minutes of everything', async () => {
    const response = await fetch(`${gateway.url}/v1/tokens`, { method: 'POST', headers: { 'x-api-key': key } });
    const answer = (await response.json()) as { expiresAt: number };
    expect(answer).toMatchObject({ providers: null, baseUrl: `${gateway.url}/v1/proxy` });
    expect(Math.round((answer.expiresAt - gateway.now()) / 60_000)).toBe(10);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('keeps what narrows the token', async () => {
    const narrow = { models: ['anthropic/claude-haiku-4-5'], requestsPerMinute: 3, concurrency: 2 };
    const { answer } = await ask(gateway, key, { ...narrow, uses: 4, profile: 'anthropic:own' });
    expect(gateway.tokens.find(String(answer.accessor))).toMatchObject({
      policy: narrow,
      usesLeft: 4,
      profileId: 'anthropic:own',
    });
  });

  it.each(['59s', '61m', '2h', '0m', '1.5h', '', 'soon', 600, null, ['10m']])(
    'refuses the time %j with 400, never with a default',
    async (ttl) => {
      expect(await ask(gateway, key, { ttl })).toMatchObject({ status: 400, error: 'BAD_REQUEST' });
    },
  );

  it.each([
    [{ budget: 5 }, 422, 'INVALID_FIELDS'],
    [{ agentId: 'main' }, 422, 'INVALID_FIELDS'],
    [{ uses: 0 }, 422, 'INVALID_FIELDS'],
    [{ providers: 'anthropic' }, 422, 'INVALID_FIELDS'],
    [{ providers: [] }, 422, 'INVALID_FIELDS'],
    [{ label: 'a\u001b[2Jb' }, 422, 'INVALID_FIELDS'],
    [[], 400, 'BAD_REQUEST'],
    ['{', 400, 'BAD_REQUEST'],
    [{ providers: ['nobody'] }, 404, 'PROVIDER_NOT_FOUND'],
    [{ profile: 'anthropic:first' }, 404, 'PROFILE_NOT_FOUND'],
    [{ profile: 'nobody:first' }, 404, 'PROVIDER_NOT_FOUND'],
    [{ profile: 'main/anthropic:first' }, 404, 'PROFILE_NOT_FOUND'],
    [{ profile: 'first' }, 400, 'USAGE'],
    [JSON.stringify({ label: 'x'.repeat(70_000) }), 413, 'TOO_LARGE'],
  ] as const)('refuses the body %j', async (body, status, error) => {
    expect(await ask(gateway, key, body)).toMatchObject({ status, error });
  });

  it('gives no more than the agent has', async () => {
    const narrow = keyOf(gateway, 'narrow', { providers: ['xai'] });
    const refused = await ask(gateway, narrow, { providers: ['xai', 'anthropic'] });
    expect(refused).toMatchObject({ status: 403, error: 'PROVIDER_NOT_ALLOWED' });
    expect((await ask(gateway, narrow, { providers: ['xai'] })).status).toBe(200);
  });

  it('refuses a paused and an expired agent by name, and serves it again afterwards', async () => {
    const books = booksOver(gateway.database);
    const held = keyOf(gateway, 'held-back');
    pauseAgent(books, 'held-back', 'on holiday', by(gateway));
    const paused = await ask(gateway, held);
    expect(paused.error).toBe('AGENT_PAUSED');
    expect(JSON.stringify(paused.answer)).toContain('on holiday');
    resumeAgent(books, 'held-back', by(gateway));
    expect((await ask(gateway, held)).status).toBe(200);
    changeAgent(books, 'held-back', { expiresAtMs: gateway.now() - 1 }, by(gateway));
    expect(await ask(gateway, held)).toMatchObject({ status: 403, error: 'AGENT_EXPIRED' });
  });

  it('answers every credential that is no live agent key alike', async () => {
    const books = booksOver(gateway.database);
    const replaced = keyOf(gateway, 'replaced');
    rotateAgentKey(books, 'replaced', { kind: 'key', graceMs: 0 }, by(gateway));
    const secret = rotateAgentKey(books, 'reviewer', { kind: 'client_secret', graceMs: 0 }, by(gateway)).key.reveal();
    const wrong = [gateway.token, newAgentKey('key').reveal(), replaced, secret, 'mba_short', `${key}x`, ''];
    const texts = new Set<string>();
    for (const credential of wrong) {
      const { status, error, answer } = await ask(gateway, credential);
      expect([credential.slice(0, 4), status, error]).toEqual([credential.slice(0, 4), 401, 'AGENT_KEY_REJECTED']);
      texts.add(JSON.stringify(answer).replace(/mbr_[0-9a-f]{24}/, 'ID'));
    }
    expect(texts.size).toBe(1);
  });

  it('sells 600 tokens a minute to an agent and no more, and to another agent all the same', async () => {
    await using busy = await TestGateway.start({ profiles: ['first'], standsAtMs: Date.now() });
    const [looping, other] = [keyOf(busy, 'looping'), keyOf(busy, 'other')];
    const statuses: number[] = [];
    for (let n = 0; n < 24; n++)
      statuses.push(
        ...(await Promise.all(Array.from({ length: 26 }, () => ask(busy, looping)))).map(({ status }) => status),
      );
    expect([200, 429].map((status) => statuses.filter((each) => each === status).length)).toEqual([600, 24]);
    expect((await ask(busy, other)).status).toBe(200);
    busy.move(60_000);
    expect((await ask(busy, looping)).status).toBe(200);
  });

  it('throttles a guesser, and never the right key', async () => {
    await using throttled = await TestGateway.start({ profiles: ['first'] });
    const good = keyOf(throttled);
    const statuses = new Set<number>();
    for (let n = 0; n < 60; n++) statuses.add((await ask(throttled, newAgentKey('key').reveal())).status);
    expect([...statuses]).toEqual([401, 429]);
    expect((await ask(throttled, good)).status).toBe(200);
  });

  it('takes no agent key where an access token belongs', async () => {
    const response = await gateway.post({ token: key });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REJECTED']);
  });
});

describe('a token of an agent key', () => {
  it('is renewed by the key, never by itself, for seven days', async () => {
    await using own = await TestGateway.start({ profiles });
    const ownKey = keyOf(own);
    const { token, accessor } = (await ask(own, ownKey)).answer as { token: string; accessor: string };
    const itself = await ask(own, token, {}, `/${accessor}/renew`);
    expect(itself).toMatchObject({ status: 401, error: 'AGENT_KEY_REJECTED' });
    own.move(15 * 60_000);
    expect((await own.post({ token })).status).toBe(401);
    const renewed = await ask(own, ownKey, { ttl: '1h' }, `/${accessor}/renew`);
    expect(renewed.answer).toEqual({
      accessor,
      agentId: 'reviewer',
      providers: null,
      expiresAt: expect.any(Number),
      baseUrl: `${own.url}/v1/proxy`,
    });
    expect((await own.post({ token })).status).toBe(200);
    expect(await ask(own, ownKey, { ttl: '2h' }, `/${accessor}/renew`)).toMatchObject({ status: 400 });
    own.move(7 * 86_400_000);
    const late = await ask(own, ownKey, {}, `/${accessor}/renew`);
    expect(late).toMatchObject({ status: 404, error: 'TOKEN_NOT_FOUND' });
  });

  it('is another agent’s to see, to renew or to end as little as one that never was', async () => {
    const { accessor } = gateway.issue('main');
    for (const [path, method] of [
      [`/${accessor}/renew`, 'POST'],
      [`/${accessor}`, 'DELETE'],
      ['/acc_00000000000000000000', 'DELETE'],
    ] as const) {
      expect(await ask(gateway, key, {}, path, method)).toMatchObject({ status: 404, error: 'TOKEN_NOT_FOUND' });
    }
  });

  it('that is ended by its agent is refused at the next request, and its answer is cut within a second', async () => {
    await using own = await TestGateway.start({
      profiles,
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 3 } }] },
    });
    const ownKey = keyOf(own);
    const { token, accessor } = (await ask(own, ownKey)).answer as { token: string; accessor: string };
    const stream = await own.post({ token, body: { ...SMALL, stream: true } });
    const rest = stream.text();
    const ended = await ask(own, ownKey, {}, `/${accessor}`, 'DELETE');
    const endedAtMs = Date.now();
    expect(ended.answer).toEqual({ accessor, revoked: true });
    expect(await rest).toContain('event: error');
    expect(Date.now() - endedAtMs).toBeLessThan(1_000);
    const after = await own.post({ token });
    expect([after.status, after.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    expect((await ask(own, ownKey, {}, `/${accessor}`, 'DELETE')).answer).toEqual({ accessor, revoked: false });
  });
});

describe('an agent that unenrolls itself', () => {
  it('is gone with its key and tokens, its stream is cut, and the audit tells it', async () => {
    await using own = await TestGateway.start({
      profiles: ['first'],
      env: {},
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 3 } }] },
    });
    const ownKey = keyOf(own, 'guest');
    const { token } = (await ask(own, ownKey)).answer as { token: string };
    const response = await fetch(`${own.url}/v1/unenroll`, { method: 'POST', headers: { 'x-api-key': ownKey } });
    expect(await response.json()).toEqual({ agentId: 'guest', tokens: 1, keys: 1, removed: true });
    expect((await own.post({ token })).headers.get('x-moltbot-error')).toBe('TOKEN_REJECTED');
    expect(await ask(own, ownKey)).toMatchObject({ status: 401, error: 'AGENT_KEY_REJECTED' });
    expect(own.agents.has('guest')).toBe(false);
    expect(storyOf(booksOver(own.database)).map((line) => line.replace(/acc_\w+/, 'TOKEN'))).toEqual(
      expect.arrayContaining([
        'person:ann agent_key.created guest',
        'agent:guest token.issued TOKEN',
        'agent:guest agent.unenrolled guest',
      ]),
    );
    expect(findCanary(ownKey, { directories: [own.home], texts: { log: own.logLines.join('\n') } })).toEqual([]);
    expect(findCanary(token, { directories: [own.home], texts: { log: own.logLines.join('\n') } })).toEqual([]);
  });
});
