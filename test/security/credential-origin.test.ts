import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { findCanary } from '../fakes/canary.ts';
import { runCli } from '../fakes/cli.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
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
