import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start();
  await storeProfile(world.app.credentials(), world.simulator, 'work', world.app.now());
  await world.socket.post('/agents', { id: 'worker' });
});
afterAll(() => world[Symbol.asyncDispose]());

const stateOf = async (agent: string) => ((await world.socket.get(`/agents/${agent}`)).body as { state: string }).state;
const gatesOf = async (agent: string) => {
  const { items, stopping } = (await world.socket.get(`/gates?agent=${agent}`)).body as {
    items: { name: string; open: boolean }[];
    stopping: string[];
  };
  return { ...Object.fromEntries(items.map(({ name, open }) => [name, open])), stopping };
};

describe('pausing over the API', () => {
  it('stops an agent until it is resumed, once each', async () => {
    const pause = { agent: 'worker', reason: 'too loud' };
    expect((await world.socket.post('/pause', pause)).body).toEqual({ agentId: 'worker', paused: true, changed: true });
    expect((await world.socket.post('/pause', pause)).body).toMatchObject({ changed: false });
    expect([await stateOf('worker'), await stateOf('main')]).toEqual(['paused', 'active']);
    expect((await world.socket.get('/agents/worker')).body).toMatchObject({
      pause: { cause: 'person', reason: 'too loud', since: expect.any(Number), by: expect.stringMatching(/^person:/) },
    });
    const resumed = await world.socket.post('/resume', { agent: 'worker' });
    expect(resumed.body).toEqual({ agentId: 'worker', paused: false, changed: true, budgets: [], tests: [] });
    expect((await world.socket.post('/resume', { agent: 'worker' })).body).toMatchObject({ changed: false });
    expect(await stateOf('worker')).toBe('active');
  });

  it('of everything stops every agent', async () => {
    expect((await world.socket.post('/pause', { all: true })).body).toMatchObject({ agentId: '*', changed: true });
    expect([await stateOf('worker'), await stateOf('main')]).toEqual(['paused', 'paused']);
    expect((await world.socket.post('/resume', { agent: 'worker' })).body).toMatchObject({ paused: true });
    expect((await world.socket.post('/resume', { all: true })).body).toMatchObject({ agentId: '*', changed: true });
  });

  it.each([
    ['/pause', {}, 422],
    ['/pause', { all: true, agent: 'main' }, 422],
    ['/pause', { agent: 'nobody' }, 404],
    ['/pause', { agent: 'main', reason: 'a\u0007' }, 422],
    ['/resume', { agent: 'nobody' }, 404],
    ['/resume', { agent: 'main', reason: 'x' }, 422],
  ])('refuses POST %s %j with %i', async (path, body, status) => {
    expect((await world.socket.post(path, body)).status).toBe(status);
    expect(await stateOf('main')).toBe('active');
  });
});

describe('the status over the API', () => {
  it('is the one of the command line, for the configuration as the file says now', async () => {
    const status = await world.socket.get('/status');
    expect(status.body).toMatchObject({
      schemaVersion: 1,
      agentId: 'main',
      defaultModel: null,
      auth: { profiles: [{ profileId: 'anthropic:work', source: 'own' }], unusableProfiles: [] },
    });
    world.writeConfig({
      management: { http: { port: 0 } },
      agents: { defaults: { model: { primary: 'anthropic/claude-haiku-4-5' } } },
    });
    expect((await world.socket.get('/status')).body).toMatchObject({ defaultModel: 'anthropic/claude-haiku-4-5' });
  });

  it('says that a vault which was chosen since the start is not open yet', async () => {
    await using fresh = await TestManagement.start({ config: { vault: undefined } });
    fresh.writeConfig({ management: { http: { port: 0 } } });
    expect((await fresh.socket.get('/status')).body).toMatchObject({
      auth: { vault: { kind: 'file', available: false } },
    });
  });

  it('says which gates are closed', async () => {
    expect(await gatesOf('main')).toMatchObject({ agent: true, 'credential:anthropic': true });
    expect(await gatesOf('worker')).toMatchObject({ 'credential:anthropic': false });
  });

  it.each(['/status?agent=nobody', '/gates?agent=nobody'])('of nobody is 404: %s', async (path) => {
    expect((await world.socket.get(path)).status).toBe(404);
  });
});
