import { expect, it } from 'vitest';
import { TestManagement } from '../fakes/test-management.ts';

const BODY = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] });
const JSON_TYPE = { 'content-type': 'application/json' };

/** A gateway with a profile of `main` that is lent to two agents, each with everything an agent can identify itself with. */
async function twoAgents() {
  const world = await TestManagement.start();
  const { socket, simulator, gateway } = world;
  const make = async (path: string, body: object) => (await socket.post(path, body)).body as Record<string, string>;
  const auth_data = { api_key: simulator.issueKey('anthropic', 'lent') };
  await make('/credentials', { provider: 'anthropic', profile: 'anthropic:lent', auth_data });
  const lend = (agent: string) => make('/grants', { profile: 'anthropic:lent', to: agent });

  const ask = async (path: string, bearer: string, body?: string, type = JSON_TYPE['content-type']) => {
    const answer = await fetch(gateway.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${bearer}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    return { status: answer.status, gate: answer.headers.get('x-moltbot-gate'), body: JSON.parse(text) as never };
  };
  const proxy = (token: string) => ask('/v1/proxy/anthropic/v1/messages', token, BODY);
  /** An agent that came by enrolment and has not fetched its key, with others made for it. */
  const enrolled = async (name: string) => {
    const asked = (await ask('/v1/enrollments', 'none', JSON.stringify({ name, providers: ['anthropic'] }))).body as {
      id: string;
      pollToken: string;
    };
    const { items } = (await socket.get('/enrollments')).body as { items: { id: string; digest: string }[] };
    const { digest } = items.find(({ id }) => id === asked.id)!;
    await make('/approvals', { decision: 'approve', enrollmentId: asked.id, digest });
    await lend(name);
    return {
      tokens: await Promise.all(
        Array.from({ length: 10 }, async () => (await make(`/agents/${name}/tokens`, {})).token!),
      ),
      key: (await make(`/agents/${name}/keys`, {})).key!,
      secret: (await make(`/agents/${name}/keys`, { kind: 'client_secret' })).key!,
      poll: { id: asked.id, token: asked.pollToken },
    };
  };
  /** What everything that it holds is answered; the poll token only where it is not spent by that. */
  const answers = async (name: string, held: Awaited<ReturnType<typeof enrolled>>, withPoll: boolean) => {
    const form = `grant_type=client_credentials&client_id=${name}&client_secret=${held.secret}`;
    const type = 'application/x-www-form-urlencoded';
    const oauth = await fetch(`${gateway.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: form,
    });
    await oauth.text();
    return {
      tokens: [...new Set(await Promise.all(held.tokens.map(async (token) => (await proxy(token)).status)))],
      key: (await ask('/v1/tokens', held.key, '{}')).status,
      secret: oauth.status,
      ...(withPoll && { poll: (await ask(`/v1/enrollments/${held.poll.id}`, held.poll.token)).status }),
    };
  };
  return Object.assign(world, { make, enrolled, answers, proxy });
}

const LIVE = { tokens: [200], key: 200, secret: 200 };
const DEAD = { tokens: [401], key: 401, secret: 401, poll: 401 };

it('everything of a removed agent dies together, the others live, and its name later revives nothing', async () => {
  await using world = await twoAgents();
  const gone = await world.enrolled('gone');
  const stays = await world.enrolled('stays');
  expect([await world.answers('gone', gone, false), await world.answers('stays', stays, false)]).toEqual([LIVE, LIVE]);

  expect((await world.socket.call('DELETE', '/agents/gone')).status).toBe(200);
  expect([await world.answers('gone', gone, true), await world.answers('stays', stays, false)]).toEqual([DEAD, LIVE]);
  const grants = (await world.socket.get('/grants')).body as { items: { to: string }[] };
  expect(grants.items.map(({ to }) => to)).toEqual(['stays']);

  expect((await world.socket.post('/agents', { id: 'gone' })).status).toBe(201);
  expect(await world.answers('gone', gone, true)).toEqual(DEAD);
  const { token } = await world.make('/agents/gone/tokens', {});
  const refused = await world.proxy(token!);
  expect([refused.status, refused.gate]).toEqual([401, 'credential:anthropic']);
});

it('a pending enrolment of that name dies with an agent that a person added and removed meanwhile', async () => {
  await using world = await twoAgents();
  const asked = await fetch(`${world.gateway.url}/v1/enrollments`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ name: 'gone', providers: ['anthropic'] }),
  });
  const { id, pollToken } = (await asked.json()) as { id: string; pollToken: string };
  await world.make('/agents', { id: 'gone' });
  await world.socket.call('DELETE', '/agents/gone');
  const polled = await fetch(`${world.gateway.url}/v1/enrollments/${id}`, {
    headers: { authorization: `Bearer ${pollToken}` },
  });
  expect([polled.status, ((await world.socket.get('/enrollments')).body as { items: unknown[] }).items]).toEqual([
    401,
    [],
  ]);
});

it('a removal that cannot be written down happens not at all', async () => {
  await using world = await twoAgents();
  const gone = await world.enrolled('gone');
  const { database } = world.app.stores();
  database.exec(
    "CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.action = 'agent.removed' BEGIN SELECT RAISE(FAIL, 'no'); END",
  );
  expect((await world.socket.call('DELETE', '/agents/gone')).status).toBeGreaterThanOrEqual(500);
  expect(await world.answers('gone', gone, false)).toEqual(LIVE);
  database.exec('DROP TRIGGER full');
  expect((await world.socket.call('DELETE', '/agents/gone')).status).toBe(200);
  expect(await world.answers('gone', gone, true)).toEqual(DEAD);
});
