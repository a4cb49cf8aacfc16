import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { findCanary } from '../fakes/canary.ts';
import { runCli } from '../fakes/cli.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { providersAt, setUpCli, writeConfig } from './cli-gateway.ts';

let elsewhere: Simulator;
beforeEach(async () => {
  elsewhere = await startSimulator({ acceptAny: true });
});
afterEach(() => elsewhere.close());

/** What the other place got to see: nothing is what it should be. */
const seenElsewhere = () => elsewhere.requests.map(({ method, path, credentials }) => ({ method, path, credentials }));

function configLeadingTo(baseUrl: string): string {
  return JSON.stringify({ models: { providers: { anthropic: { baseUrl } } } });
}

describe('a credential whose provider has moved to another origin', () => {
  it('is not sent there when a line of the config changes under a running gateway', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    expect((await gateway.post()).status).toBe(200);
    writeFileSync(join(gateway.home, 'moltbot.json'), configLeadingTo(elsewhere.url));
    const until = Date.now() + 10_000;
    while (!gateway.logLines.some((line) => line.includes('configuration taken over')) && Date.now() < until)
      await sleep(50);
    await gateway.post();
    await gateway.post({ headers: { 'anthropic-beta': 'x' } });
    expect(seenElsewhere()).toEqual([]);
  });

  it.each(['http://localhost:PORT', 'http://127.0.0.1:PORT', 'http://127.0.0.1:PORT/v1/'])(
    'is not sent there after a restart with %s, and the answer says why',
    async (baseUrl) => {
      const first = await TestGateway.start({ profiles: ['first'] });
      await first.stop();
      const { home, simulator, vault } = first;
      const config = {
        models: { providers: { anthropic: { baseUrl: baseUrl.replace('PORT', String(elsewhere.port)) } } },
      };
      await using second = await TestGateway.start({ home, simulator, vault, config });
      const response = await second.post();
      const text = await response.text();
      expect([response.status >= 400, text.includes('anthropic:first')]).toEqual([true, true]);
      expect(text).toMatch(/stored for another base URL/);
      expect(seenElsewhere()).toEqual([]);
      expect(findCanary(simulator.issueKey('anthropic', 'first'), { texts: { text } })).toEqual([]);
    },
  );

  it('is not sent there when the record in the database was bent to lead there', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.database.run('UPDATE profiles SET origin = ?, base_url = ?', elsewhere.url, elsewhere.url);
    await gateway.post();
    expect(seenElsewhere()).toEqual([]);
  });

  it('is sent there once it was entered again for that origin', async () => {
    const first = await TestGateway.start({ profiles: ['first'] });
    await first.stop();
    const { home, vault } = first;
    const config = { models: { providers: { anthropic: { baseUrl: elsewhere.url } } } };
    await using second = await TestGateway.start({ home, vault, config, simulator: elsewhere, profiles: ['first'] });
    expect((await second.post()).status).toBe(200);
    expect(seenElsewhere()).toHaveLength(1);
    await first.simulator.close();
  });
});

describe('a command', () => {
  it('sends no stored key to another origin after a line of the config has changed', async () => {
    await using setup = await setUpCli();
    writeConfig(setup.home, { vault: { kind: 'file' }, models: { providers: providersAt(elsewhere) } });
    const commands = [
      ['models', 'auth', 'test', 'anthropic:default'],
      ['models', 'status', '--probe'],
      ['backend', 'status', 'anthropic'],
    ];
    const results = await Promise.all(commands.map((command) => runCli(setup.home, [...command, '--json'])));
    expect(elsewhere.requests.flatMap(({ credentials }) => credentials)).toEqual([]);
    expect(findCanary(setup.key, { texts: { printed: JSON.stringify(results) } })).toEqual([]);
    expect((await runCli(setup.home, ['models', 'status', '--json'])).stdout).toContain('"origin_changed"');
  });
});

/** Of a management API with one stored credential, and how to ask for it to go elsewhere. */
async function withCredential() {
  const world = await TestManagement.start();
  const key = world.simulator.issueKey('anthropic', 'kept');
  const stored = await world.socket.post('/credentials', { provider: 'anthropic', auth_data: { api_key: key } });
  const { id } = stored.body as { id: string };
  return Object.assign(world, { id, key });
}

describe('the management API', () => {
  it.each(['localhost', '127.0.0.1'])('moves no credential to %s, another origin, without its secret', async (host) => {
    await using world = await withCredential();
    const base_url = `http://${host}:${elsewhere.port}`;
    const before = (await world.socket.get(`/credentials/${world.id}`)).body;
    const bodies = [{ base_url }, { auth_data: { base_url } }, { base_url: `${base_url}/v1` }, { origin: base_url }];
    for (const body of bodies) {
      const { status } = await world.socket.call('PATCH', `/credentials/${world.id}`, { body });
      expect([body, status]).toEqual([body, status === 400 ? 400 : 422]);
    }
    for (const action of ['test', 'reset', 'set-default'])
      await world.socket.post(`/credentials/${world.id}/${action}`, { base_url });
    expect((await world.socket.get(`/credentials/${world.id}`)).body).toMatchObject({
      base_url: (before as { base_url: null }).base_url,
      origin: (before as { origin: string }).origin,
    });
    expect(seenElsewhere()).toEqual([]);
  });

  it('tests nothing that is stored at an address that a request names', async () => {
    await using world = await withCredential();
    const base_url = elsewhere.url;
    const foreign = { api_key: elsewhere.issueKey('anthropic', 'typed'), base_url };
    await world.socket.post('/credentials/test-temporary', { provider: 'anthropic', auth_data: foreign });
    await world.socket.post('/credentials', { provider: 'anthropic', auth_data: { base_url } });
    await world.socket.call('PUT', `/credentials/${world.id}/secret`, { body: { auth_data: { base_url } } });
    const sent = JSON.stringify(elsewhere.requests.map(({ rawHeaders, path }) => [rawHeaders, path]));
    expect(findCanary(world.key, { texts: { sent } })).toEqual([]);
  });
});

describe('a command that names another base URL', () => {
  it('wants the secret again, and leaves the stored one where it is', async () => {
    await using setup = await setUpCli();
    const there = ['--base-url', `http://127.0.0.1:${elsewhere.port}`];
    const paste = ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', ...there];
    const commands = [
      paste,
      ['models', 'auth', 'replace', 'anthropic:default', ...there],
      ['models', 'auth', 'test', 'anthropic:default', ...there],
      ['onboard', '--non-interactive', ...there],
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = await runCli(setup.home, [...command, '--json']);
      expect([command, code === 0]).toEqual([command, false]);
      expect(findCanary(setup.key, { texts: { printed: stdout + stderr } })).toEqual([]);
    }
    const line = ['config', 'set', 'models.providers.anthropic.baseUrl', `http://127.0.0.1:${elsewhere.port}`];
    expect((await runCli(setup.home, line)).code).toBe(0);
    expect((await runCli(setup.home, ['models', 'auth', 'test', 'anthropic:default'])).code).not.toBe(0);
    expect(seenElsewhere()).toEqual([]);
    const again = await runCli(setup.home, ['models', 'auth', 'paste-api-key', '--provider', 'anthropic'], {
      input: elsewhere.issueKey('anthropic', 'again'),
    });
    expect([again.code, seenElsewhere().length > 0]).toEqual([0, true]);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308] as const)(
    '%i is not followed, carries no key and does not reach the client',
    async (status) => {
      const location = `${elsewhere.url}/v1/messages`;
      await using gateway = await TestGateway.start({
        profiles: ['first'],
        script: { rules: [{ fail: { kind: 'redirect', status, location } }] },
      });
      const response = await gateway.post();
      const text = await response.text();
      expect([response.status, response.headers.get('location')]).toEqual([502, null]);
      expect(text).not.toContain(String(elsewhere.port));
      expect(seenElsewhere()).toEqual([]);
      expect(gateway.simulator.requests).toHaveLength(1);
    },
  );
});
