import { describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { readEvents } from '../fakes/read-events.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { TestManagement } from '../fakes/test-management.ts';

describe('secrets behind the management API', () => {
  it('come back in no answer, no event, no log and no file, but in the one answer that made them', async () => {
    await using world = await TestManagement.start();
    const { app, simulator, socket } = world;
    const canary = simulator.issueKey('anthropic', 'canary');
    const issue = simulator.issueKey;
    simulator.issueKey = () => canary;
    await storeProfile(app.credentials(), simulator, 'canary', app.now());
    simulator.issueKey = issue;
    const { key: adminKey } = (await socket.post('/admin-keys', { role: 'owner' })).body as { key: string };
    const events = await readEvents(`${world.management.url}/events`, {
      authorization: `Bearer ${adminKey}`,
      'last-event-id': '0',
    });
    const made = async (path: string, body: object = {}) =>
      (await socket.post(path, body)).body as Record<string, string>;
    await made('/agents', { id: 'worker' });
    const { token } = await made('/agents/worker/tokens');
    const { key: agentKey } = await made('/agents/worker/keys');
    const { key: clientSecret } = await made('/agents/worker/keys', { kind: 'client_secret' });
    await made('/grants', { profile: 'anthropic:canary', to: 'worker' });
    const used = await fetch(`${world.gateway.url}/v1/proxy/anthropic/v1/models`, {
      headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01' },
    });
    expect(used.status).toBe(200);
    const paths = Object.entries(socket.document.paths)
      .filter(([path, methods]) => 'get' in methods && path !== '/events')
      .map(([path]) => path.replace(/\{\w+\}/g, 'worker'));
    const answers: Record<string, string> = {};
    for (const path of paths) answers[path] = JSON.stringify((await socket.get(path)).body);
    expect(paths.length).toBeGreaterThan(12);
    await events.next();
    await made('/agents', { id: 'last' });
    while (!events.text().includes('"last"')) await events.next();
    const texts = { ...answers, events: events.text(), log: world.logLines.join('\n') };
    await events.close();
    for (const secret of [canary, token!, agentKey!, clientSecret!, adminKey])
      expect(findCanary(secret, { texts, directories: [world.home] })).toEqual([]);
  });

  it('do not come back when they are sent where they do not belong', async () => {
    await using world = await TestManagement.start();
    const canary = world.simulator.issueKey('anthropic', 'canary');
    const texts: Record<string, string> = {};
    const note = async (name: string, method: string, path: string, body?: object) => {
      texts[name] = JSON.stringify((await world.socket.call(method, path, { body })).body ?? '');
    };
    await note('id', 'POST', '/agents', { id: canary });
    await note('label name', 'POST', '/agents', { id: 'x', labels: { [canary]: 1 } });
    await note('unknown field', 'POST', '/agents', { id: 'x', [canary]: 1 });
    await note('provider', 'POST', '/agents', { id: 'x', policy: { providers: [canary] } });
    await note('model', 'POST', '/agents', { id: 'x', policy: { models: [canary] } });
    await note('ttl', 'POST', '/agents/main/tokens', { ttl: canary });
    await note('profile', 'POST', '/agents/main/tokens', { profile: canary });
    await note('accessor', 'POST', '/tokens/revoke', { accessor: canary });
    await note('enrolment', 'POST', '/approvals', { decision: 'deny', enrollmentId: canary, digest: canary });
    await note('grant', 'POST', '/grants', { profile: `anthropic:${canary}`, to: 'main' });
    await note('agent', 'GET', `/status?agent=${canary}`);
    await note('cursor', 'GET', `/audit?cursor=${canary}`);
    await note('path', 'GET', `/agents/${canary}`);
    await note('head', 'GET', `/audit/verify?head=${canary}`);
    texts.log = world.logLines.join('\n');
    expect(findCanary(canary, { texts, directories: [world.home] })).toEqual([]);
  });
});

describe('a secret that is stored over the management API', () => {
  it('comes back in no answer, event, log or file, whether it is taken, refused, replaced or misplaced', async () => {
    await using world = await TestManagement.start();
    const { simulator, socket } = world;
    const made = await socket.post('/admin-keys', { role: 'owner' });
    const { key } = made.body as { key: string };
    const events = await readEvents(`${world.management.url}/events`, { authorization: `Bearer ${key}` });
    const canaries = {
      good: simulator.issueKey('anthropic', 'good'),
      next: simulator.issueKey('anthropic', 'next'),
      unknown: `sk-ant-sim-${'unknown-canary-'.repeat(4)}`,
      malformed: 'sk-ant-malformed canary',
    };
    const texts: Record<string, string> = {};
    const note = async (name: string, method: string, path: string, body?: object) => {
      const answer = await socket.call(method, path, { body });
      texts[name] = JSON.stringify([answer.headers, answer.body ?? '']);
      return answer;
    };
    const request = (api_key: string, extra: object = {}) => ({
      ...{ provider: 'anthropic', profile: 'anthropic:canary', auth_data: { api_key, ...extra } },
    });
    const stored = await note('stored', 'POST', '/credentials', request(canaries.good));
    const path = `/credentials/${(stored.body as { id: string }).id}`;
    expect(stored.status).toBe(201);
    await note('twice', 'POST', '/credentials', request(canaries.good));
    for (const [name, canary] of Object.entries(canaries)) {
      const other = { ...request(canary), profile: `anthropic:${name}` };
      await note(`${name} stored`, 'POST', '/credentials', other);
      await note(`${name} tried`, 'POST', '/credentials/test-temporary', { ...other, profile: undefined });
      await note(`${name} elsewhere`, 'POST', '/credentials', {
        ...other,
        auth_data: { api_key: canary, base_url: 'http://127.0.0.1:9' },
      });
      await note(`${name} as a token`, 'POST', '/credentials', { ...other, auth_data: { token: canary } });
      await note(`${name} as a base URL`, 'POST', '/credentials', {
        ...request(canaries.good, { base_url: `https://${canary}` }),
        profile: `anthropic:at-${name}`,
      });
      await note(`${name} as a field`, 'POST', '/credentials', { ...other, [canary]: canary });
      await note(`${name} in auth_data`, 'POST', '/credentials', request(canaries.good, { [canary]: canary }));
      await note(`${name} as a provider`, 'POST', '/credentials', { ...other, provider: canary });
      await note(`${name} as a name`, 'PATCH', path, { profile: canary });
      await note(`${name} put`, 'PUT', `${path}/secret`, { auth_data: { api_key: canary } });
      await note(`${name} in a query`, 'GET', `/credentials?agent=${encodeURIComponent(canary)}`);
      await note(
        `${name} in a path`,
        'GET',
        `/integrations/llm-providers/${encodeURIComponent(canary.slice(0, 40)).replaceAll('%20', '')}`,
      );
    }
    await note('moved', 'PATCH', path, {
      auth_data: { api_key: canaries.next, base_url: simulator.baseUrls.anthropic },
    });
    await note('tested', 'POST', `${path}/test`);
    await note('listed', 'GET', '/credentials');
    await note('removed', 'DELETE', path);
    while (!events.text().includes('credential.removed')) await events.next();
    texts.events = events.text();
    texts.log = world.logLines.join('\n');
    await events.close();
    for (const canary of Object.values(canaries))
      expect(findCanary(canary, { texts, directories: [world.home] })).toEqual([]);
  });
});
