import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueToken } from '../../src/agents/change-tokens.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { commonStatuses, expectedStatuses, routesBelow } from './common-statuses.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A key of the right form that the simulator has never issued. */
const unknownKey = () => `sk-ant-sim-${randomBytes(24).toString('hex')}`;
const goodKey = (name: string) => world.simulator.issueKey('anthropic', name);
const names = () =>
  world.app
    .stores()
    .profiles.list()
    .map(({ profileId }) => profileId);
const actions = () =>
  world.app
    .stores()
    .audit.after({ limit: 1000 })
    .map(({ actor, action, subject }) => `${actor} ${action} ${subject}`);

interface Stored {
  readonly id: string;
  readonly profile: string;
  readonly [field: string]: unknown;
}

async function stored(profile: string, extra: object = {}): Promise<Stored> {
  const auth_data = { api_key: goodKey(profile.split(':')[1]!) };
  const answer = await world.socket.post('/credentials', { provider: 'anthropic', profile, auth_data, ...extra });
  expect(answer.status).toBe(201);
  return answer.body as Stored;
}

describe('storing a credential', () => {
  it('tests it first, then keeps it, and shows everything but the secret', async () => {
    const api_key = goodKey('first');
    const { status, body } = await world.socket.post('/credentials', {
      provider: 'anthropic',
      profile: 'anthropic:first',
      auth_data: { api_key },
      expires_at: 4_000_000_000_000,
    });
    expect([status, body]).toEqual([
      201,
      {
        id: Buffer.from('main/anthropic:first').toString('base64url'),
        provider: 'anthropic',
        agent: 'main',
        profile: 'anthropic:first',
        auth_type: 'api_key',
        label: `sk-ant-sim-…${api_key.slice(-4)}`,
        base_url: null,
        origin: new URL(world.simulator.baseUrls.anthropic).origin,
        is_default: true,
        state: 'usable',
        unusable: [],
        created_at: expect.any(Number),
        replaced_at: null,
        last_used_at: null,
        expires_at: 4_000_000_000_000,
        expiry_assumed: false,
        test: {
          success: true,
          status_code: 200,
          validated_by: 'api_call',
          cost_class: 'minimal',
          latency_ms: expect.any(Number),
          detail: 'answered 200',
        },
      },
    ]);
    expect(actions()).toContainEqual(expect.stringMatching(/^person:\S+ credential\.stored main\/anthropic:first$/));
    const reading = await world.app.credentials().read('main', 'anthropic:first');
    expect(reading.status === 'ok' && reading.secret.reveal()).toBe(api_key);
  });

  it('says the reason and keeps nothing when the provider refuses it', async () => {
    const before = names();
    const { status, body } = await world.socket.post('/credentials', {
      provider: 'anthropic',
      profile: 'anthropic:refused',
      auth_data: { api_key: unknownKey() },
    });
    const { origin } = new URL(world.simulator.baseUrls.anthropic);
    expect([status, body]).toEqual([
      400,
      {
        detail: `Anthropic refused this key: ${origin} answered 401 authentication_error. Nothing was stored. Check that it was copied whole and is still active. Make one under "API keys" in the Anthropic console; it is shown once.`,
      },
    ]);
    expect(names()).toEqual(before);
  });

  it('keeps one that is real and cannot be used now, with that state', async () => {
    const api_key = goodKey('limited');
    world.simulator.setScript({ rules: [{ credential: 'limited', fail: { kind: 'error', error: 'rate_limit' } }] });
    const { status, body } = await world.socket.post('/credentials', {
      provider: 'anthropic',
      profile: 'anthropic:limited',
      auth_data: { api_key },
    });
    world.simulator.setScript({});
    expect([status, body]).toMatchObject([201, { test: { success: true, status_code: 429 } }]);
    expect((body as { unusable: unknown[] }).unusable).toMatchObject([{ kind: 'cooldown', reason: 'rate_limit' }]);
  });

  it('is 502 when nobody can be asked, unless the test is not wanted', async () => {
    const request = {
      provider: 'anthropic',
      profile: 'anthropic:nowhere',
      auth_data: { api_key: unknownKey(), base_url: 'http://127.0.0.1:9' },
    };
    const refused = await world.socket.post('/credentials', request);
    expect([refused.status, refused.body]).toEqual([
      502,
      { detail: expect.stringContaining('could not be asked about this key at http://127.0.0.1:9') },
    ]);
    const kept = await world.socket.post('/credentials', { ...request, skip_test: true });
    expect([kept.status, kept.body]).toMatchObject([201, { test: null, origin: 'http://127.0.0.1:9' }]);
  });

  it.each([
    ['nothing in it', {}],
    ['two secrets', { api_key: `sk-ant-sim-${'a'.repeat(40)}`, token: `sk-ant-oat01-${'b'.repeat(80)}` }],
    ['another form', { api_key: 'nonsense' }],
    ['an unknown field', { api_key: `sk-ant-sim-${'a'.repeat(40)}`, extra: 1 }],
    ['a number', { api_key: 5 }],
    ['a bad base URL', { api_key: `sk-ant-sim-${'a'.repeat(40)}`, base_url: 'ftp://x' }],
    ['a clear one to the internet', { api_key: `sk-ant-sim-${'a'.repeat(40)}`, base_url: 'http://example.com' }],
    [
      'a key in a base URL',
      { api_key: `sk-ant-sim-${'a'.repeat(40)}`, base_url: `https://sk-ant-sim-${'a'.repeat(40)}.x` },
    ],
    ['a metadata address', { api_key: `sk-ant-sim-${'a'.repeat(40)}`, base_url: 'http://169.254.169.254' }],
  ])('is 400 with a sentence for faults of auth_data: %s', async (_, auth_data) => {
    const { status, body } = await world.socket.post('/credentials', { provider: 'anthropic', auth_data });
    expect([status, body]).toEqual([400, { detail: expect.stringMatching(/^auth_data/) }]);
  });

  it('is 422 with one item per field for the shape of the rest, without a word of what was sent', async () => {
    const secret = `sk-ant-sim-${'c'.repeat(40)}`;
    const { status, body } = await world.socket.post('/credentials', {
      agent: 7,
      profile: secret,
      make_default: 'yes',
      expires_at: 1.5,
      [secret]: 1,
      auth_data: { api_key: secret },
    });
    expect([status, body]).toEqual([
      422,
      {
        detail: [
          { loc: ['body', 'provider'], msg: 'Field required', type: 'missing' },
          { loc: ['body', 'agent'], msg: 'Expected string', type: 'string' },
          { loc: ['body', 'profile'], msg: 'Expected a profile id: provider:name, as anthropic:work', type: 'regex' },
          { loc: ['body', 'make_default'], msg: 'Expected boolean', type: 'boolean' },
          { loc: ['body', 'expires_at'], msg: 'Expected a whole number', type: 'integer' },
          { loc: ['body', '[hidden]'], msg: 'Unknown field', type: 'unknown_field' },
        ],
      },
    ]);
  });

  it('is 422 for a past expiry and for a profile that cannot have that name', async () => {
    const auth_data = { api_key: goodKey('never') };
    const request = { provider: 'anthropic', auth_data };
    for (const [field, value] of [
      ['expires_at', 1],
      ['profile', 'xai:work'],
      ['profile', 'anthropic:env'],
    ] as const) {
      const { status, body } = await world.socket.post('/credentials', { ...request, [field]: value });
      expect([status, body]).toMatchObject([422, { detail: [{ loc: ['body', field] }] }]);
    }
  });

  it('is 404 for an unknown provider and 409 for a profile that is there', async () => {
    const auth_data = { api_key: goodKey('again') };
    expect((await world.socket.post('/credentials', { provider: 'nobody', auth_data })).status).toBe(404);
    await stored('anthropic:again');
    const again = { provider: 'anthropic', profile: 'anthropic:again', auth_data };
    expect((await world.socket.post('/credentials', again)).status).toBe(409);
  });

  it('keeps the first of two that come at the same time', async () => {
    const request = (name: string) => ({
      ...{ provider: 'anthropic', profile: 'anthropic:race', auth_data: { api_key: goodKey(name) } },
    });
    world.simulator.setScript({ rules: [{ credential: 'late', pacing: { firstByteMs: 300 } }] });
    const late = world.socket.post('/credentials', request('late'));
    const soon = await world.socket.post('/credentials', request('soon'));
    expect([soon.status, (await late).status]).toEqual([201, 409]);
    world.simulator.setScript({});
  });

  it('can make it the default at once, in the config, for an agent that begins with it', async () => {
    await stored('anthropic:one', { agent: 'builder' });
    const second = await stored('anthropic:two', { agent: 'builder', make_default: true });
    expect(second.is_default).toBe(true);
    expect(readFileSync(join(world.home, 'moltbot.json'), 'utf8')).toMatch(
      /"order"\s*:\s*\{\s*"anthropic"\s*:\s*\["anthropic:two",\s*"anthropic:one"\]/,
    );
    expect(actions()).toContainEqual(expect.stringMatching(/^person:\S+ config\.changed .*moltbot\.json$/));
  });

  it('refuses private addresses over TCP, unless that provider goes there already', async () => {
    const request = (base_url: string) => ({
      provider: 'anthropic',
      profile: 'anthropic:private',
      auth_data: { api_key: goodKey('private'), base_url },
    });
    const admin = world.tcp('admin');
    const refused = await admin.post('/credentials', request('http://127.0.0.1:9'));
    expect([refused.status, refused.body]).toEqual([
      400,
      { detail: 'auth_data base_url: private addresses are refused over TCP.' },
    ]);
    const allowed = await admin.post('/credentials', request(world.simulator.baseUrls.anthropic));
    expect(allowed.status).toBe(201);
    expect(actions()).toContainEqual(
      expect.stringMatching(/^admin:adm_\w+ credential\.stored main\/anthropic:private$/),
    );
  });
});

describe('trying a credential', () => {
  it('says what the provider says and stores nothing', async () => {
    const before = names();
    const good = await world.socket.post('/credentials/test-temporary', {
      provider: 'anthropic',
      auth_data: { api_key: goodKey('tried') },
    });
    expect([good.status, good.body]).toEqual([
      200,
      {
        success: true,
        status_code: 200,
        validated_by: 'api_call',
        cost_class: 'minimal',
        latency_ms: expect.any(Number),
        detail: 'answered 200',
      },
    ]);
    const bad = await world.socket.post('/credentials/test-temporary', {
      provider: 'anthropic',
      auth_data: { api_key: unknownKey() },
    });
    expect([bad.status, bad.body]).toMatchObject([200, { success: false, status_code: 401 }]);
    expect(names()).toEqual(before);
    expect((await world.socket.post('/credentials/test-temporary', { provider: 'no', auth_data: {} })).status).toBe(
      404,
    );
    expect((await world.socket.post('/credentials/test-temporary', { provider: 'xai', auth_data: {} })).status).toBe(
      400,
    );
  });
});

describe('a stored credential', () => {
  it('is listed in pages, by agent and provider, and shown by its id, also bare', async () => {
    for (const name of ['anthropic:a', 'anthropic:b', 'anthropic:c']) await stored(name, { agent: 'lister' });
    const first = await world.socket.get('/credentials?agent=lister&provider=anthropic&limit=2');
    const page = first.body as { items: Stored[]; nextCursor: string };
    expect(page.items.map(({ profile }) => profile)).toEqual(['anthropic:a', 'anthropic:b']);
    const second = await world.socket.get(`bare:/credentials?agent=lister&limit=2&cursor=${page.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ profile: 'anthropic:c' }], nextCursor: null });
    const shown = await world.socket.get(`/credentials/${page.items[0]!.id}`);
    expect(shown.body).toEqual(page.items[0]);
    expect((await world.socket.get('/credentials?cursor=!')).body).toEqual({
      detail: [{ loc: ['query', 'cursor'], msg: 'Unknown cursor', type: 'cursor' }],
    });
    expect((await world.socket.get('/credentials?limit=501')).status).toBe(422);
    expect((await world.socket.get('/credentials?limit=1&limit=2')).status).toBe(422);
    expect((await world.socket.get('/credentials/bm8')).status).toBe(404);
  });

  it('gets a new secret, tested first, of the same kind', async () => {
    const { id } = await stored('anthropic:swap');
    const next = goodKey('swapped');
    const path = `/credentials/${id}/secret`;
    const answer = await world.socket.call('PUT', path, { body: { auth_data: { api_key: next } } });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { replaced_at: expect.any(Number), test: { success: true } },
    ]);
    const reading = await world.app.credentials().read('main', 'anthropic:swap');
    expect(reading.status === 'ok' && reading.secret.reveal()).toBe(next);
    const put = (auth_data: object, at = path) => world.socket.call('PUT', at, { body: { auth_data } });
    expect((await put({ api_key: unknownKey() })).status).toBe(400);
    world.simulator.setScript({ rules: [{ fail: { kind: 'error', error: 'server_error' } }] });
    expect((await put({ api_key: next })).status).toBe(502);
    world.simulator.setScript({});
    expect((await put({ token: `sk-ant-oat01-${'t'.repeat(90)}` })).body).toEqual({
      detail: expect.stringContaining('is of the type api_key, and stays so.'),
    });
    expect((await put({ api_key: next }, '/credentials/bm8/secret')).status).toBe(404);
    const after = await world.app.credentials().read('main', 'anthropic:swap');
    expect(after.status === 'ok' && after.secret.reveal()).toBe(next);
  });

  it('changes its expiry and its name', async () => {
    const { id } = await stored('anthropic:old');
    await stored('anthropic:taken');
    const patch = (body: object, at = id) => world.socket.call('PATCH', `/credentials/${at}`, { body });
    const changed = await patch({ expires_at: 4_000_000_000_000, profile: 'anthropic:new' });
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { profile: 'anthropic:new', expires_at: 4_000_000_000_000, expiry_assumed: false },
    ]);
    const newId = (changed.body as Stored).id;
    expect((await patch({}, newId)).status).toBe(422);
    expect((await patch({ profile: 'anthropic:taken' }, newId)).status).toBe(409);
    expect((await patch({ expires_at: null })).status).toBe(404);
    expect((await patch({ expires_at: null }, newId)).body).toMatchObject({ expires_at: null });
    expect(actions()).toContainEqual(expect.stringMatching(/credential\.changed main\/anthropic:old$/));
  });

  it('goes to another path of its origin as it is, to another origin only with the secret again', async () => {
    const { id } = await stored('anthropic:moved');
    const patch = (auth_data: object) => world.socket.call('PATCH', `/credentials/${id}`, { body: { auth_data } });
    const { origin } = new URL(world.simulator.baseUrls.anthropic);
    const samePlace = await patch({ base_url: `${origin}/elsewhere` });
    expect([samePlace.status, samePlace.body]).toMatchObject([200, { base_url: `${origin}/elsewhere`, origin }]);
    const other = origin.replace('127.0.0.1', 'localhost');
    const refused = await patch({ base_url: other });
    expect([refused.status, refused.body]).toEqual([
      400,
      {
        detail: `auth_data: the secret of "anthropic:moved" was stored for ${origin}; to send it to ${other} it is needed again. Add api_key or token beside base_url.`,
      },
    ]);
    const moved = await patch({ base_url: other, api_key: goodKey('moved') });
    expect([moved.status, moved.body]).toMatchObject([200, { base_url: other, origin: other }]);
    expect((await patch({ base_url: 'http://127.0.0.1:9', api_key: goodKey('moved') })).status).toBe(502);
    expect((await patch({ base_url: null, api_key: goodKey('moved') })).body).toMatchObject({ base_url: null, origin });
  });

  it('is tested, made the default, reset and removed', async () => {
    const { id } = await stored('anthropic:x', { agent: 'tester' });
    await stored('anthropic:y', { agent: 'tester' });
    world.simulator.setScript({ rules: [{ credential: 'x', fail: { kind: 'error', error: 'billing' } }] });
    const test = await world.socket.post(`/credentials/${id}/test`);
    expect([test.status, test.body]).toMatchObject([200, { success: true, detail: expect.stringContaining('402') }]);
    world.simulator.setScript({});
    expect((await world.socket.get(`/credentials/${id}`)).body).toMatchObject({ state: 'disabled', is_default: false });
    expect((await world.socket.post(`/credentials/${id}/reset`)).body).toMatchObject({ state: 'usable', cleared: 1 });
    expect((await world.socket.post(`/credentials/${id}/set-default`)).body).toMatchObject({ is_default: true });
    expect((await world.socket.call('DELETE', `/credentials/${id}`)).status).toBe(204);
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/reset'],
      ['POST', '/set-default'],
    ] as const) {
      expect((await world.socket.call(method, `/credentials/${id}${path}`)).status).toBe(404);
    }
    expect(actions()).toContainEqual(expect.stringMatching(/credential\.removed tester\/anthropic:x$/));
  });

  it('serves from the next request on, and from the next on no more once it is removed', async () => {
    const { id } = await stored('anthropic:live', { agent: 'caller' });
    const by = { actor: 'person:tester', nowMs: Date.now() } as const;
    const { token } = issueToken(world.app.stores(), { agentId: 'caller', ttlMs: 600_000 }, by);
    const call = async () => {
      const response = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/models`, {
        headers: { authorization: `Bearer ${token.reveal()}` },
      });
      return response.status;
    };
    expect(await call()).toBe(200);
    expect((await world.socket.call('DELETE', `/credentials/${id}`)).status).toBe(204);
    expect(await call()).toBe(401);
    await stored('anthropic:live', { agent: 'caller' });
    expect(await call()).toBe(200);
  });

  it('says that the secret is needed when it cannot be asked about', async () => {
    const { id } = await stored('anthropic:gone');
    await world.app.vault().delete({ agentId: 'main', profileId: 'anthropic:gone' });
    expect((await world.socket.post(`/credentials/${id}/test`)).status).toBe(409);
  });
});

describe('every documented status of credentials', () => {
  it('is answered to nobody, to agents, to unknown fields and when the state is broken', async () => {
    const routes = routesBelow(world.socket, '/credentials');
    expect(await commonStatuses(world, routes)).toEqual(expectedStatuses(routes));
  });

  it('is 503 when the vault does not open, and nothing changes', async () => {
    const { id } = await stored('anthropic:locked');
    const vault = join(world.home, 'vault.age');
    renameSync(vault, `${vault}.away`);
    writeFileSync(vault, 'not a vault', { mode: 0o600 });
    const before = names();
    const auth_data = { api_key: goodKey('locked') };
    const change = { base_url: world.simulator.baseUrls.anthropic, ...auth_data };
    for (const [method, path, body] of [
      ['POST', '/credentials', { provider: 'anthropic', profile: 'anthropic:unkept', auth_data }],
      ['PUT', `/credentials/${id}/secret`, { auth_data }],
      ['PATCH', `/credentials/${id}`, { auth_data: change }],
      ['POST', `/credentials/${id}/test`, undefined],
      ['DELETE', `/credentials/${id}`, undefined],
    ] as const) {
      const answer = await world.socket.call(method, path, { body });
      expect([method, answer.status]).toEqual([method, 503]);
    }
    expect(names()).toEqual(before.filter((name) => name !== 'anthropic:locked'));
    renameSync(`${vault}.away`, vault);
  });

  it('is 503 when nobody has opened the vault, and nothing is stored', async () => {
    const env = { MOLTBOT_VAULT_PASSPHRASE_FILE: '/nonexistent/passphrase' };
    await using locked = await TestManagement.start({ env });
    const auth_data = { api_key: locked.simulator.issueKey('anthropic', 'kept') };
    const { status, headers } = await locked.socket.post('/credentials', { provider: 'anthropic', auth_data });
    expect([status, headers['x-moltbot-error']]).toEqual([503, 'VAULT_LOCKED']);
    expect((await locked.socket.get('/credentials')).body).toEqual({ items: [], nextCursor: null });
  });

  it('has been seen', () => {
    expect(world.socket.unseen('/credentials')).toEqual([]);
  });
});
