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
