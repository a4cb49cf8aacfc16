import { describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const PIN = (name: string) => ({ auth: { pin: { anthropic: `anthropic:${name}` } } });
/** Two seconds are promised; the rest is for a busy machine. */
const SOON = { timeout: 5_000, interval: 100 };
const STREAM = { body: { ...SMALL, stream: true } };

/** Asks until that credential serves. */
function servedBy(gateway: TestGateway, name: string): Promise<void> {
  return vi.waitFor(async () => {
    await gateway.post();
    expect(gateway.served().at(-1)).toBe(`${name} 200`);
  }, SOON);
}

describe.concurrent('a configuration that is written while the gateway runs', () => {
  it('brings another key under env into use', async () => {
    const simulator = await startSimulator();
    const [before, after] = ['before', 'after'].map((name) => simulator.issueKey('anthropic', name));
    await using gateway = await TestGateway.start({ simulator, config: { env: { ANTHROPIC_API_KEY: before } } });
    await gateway.post();
    gateway.writeConfig({ env: { ANTHROPIC_API_KEY: after } });
    await servedBy(gateway, 'after');
    expect(gateway.served()[0]).toBe('before 200');
  });

  it('may name a variable that is not set, as long as nobody needs it', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: { env: { ANTHROPIC_API_KEY: '${NOT_SET_ANYWHERE}' } },
    });
    expect((await gateway.post()).status).toBe(200);
  });

  it('counts within two seconds, also for sessions under way', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'], config: PIN('first') });
    await gateway.post();
    gateway.writeConfig(PIN('second'));
    await servedBy(gateway, 'second');
  });

  it.each([
    ['is no JSON5', '{ auth: { pin: '],
    ['has an unknown key', '{ "gatewey": {} }'],
  ])('and %s is ignored, said once in the log, and taken over once it is mended', async (_what, text) => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'], config: PIN('first') });
    gateway.writeConfig(text);
    const told = () => gateway.logLines.filter((line) => line.includes('configuration ignored'));
    await vi.waitFor(() => expect(told()).toHaveLength(1), SOON);
    expect(told()[0]).toContain('"code":"CONFIG_INVALID"');
    expect((await gateway.post()).status).toBe(200);
    gateway.writeConfig(PIN('second'));
    await servedBy(gateway, 'second');
    expect(told()).toHaveLength(1);
  });
});

describe.concurrent('a profile that is added while the gateway runs', () => {
  it('serves the next request', async () => {
    await using gateway = await TestGateway.start();
    expect((await gateway.post()).headers.get('x-moltbot-error')).toBe('NO_CREDENTIALS');
    await gateway.credentials.save(
      {
        agentId: 'main',
        profileId: 'anthropic:new',
        provider: 'anthropic',
        type: 'api_key',
        secret: new Secret(gateway.simulator.issueKey('anthropic', 'new')),
        origin: gateway.simulator.url,
        baseUrl: null,
        expiresAtMs: null,
        expiryAssumed: false,
      },
      gateway.now(),
    );
    expect((await gateway.post()).status).toBe(200);
    expect(gateway.served()).toEqual(['new 200']);
  });
});

describe.concurrent('a base URL that leads elsewhere', () => {
  const elsewhere = { models: { providers: { anthropic: { baseUrl: 'http://127.0.0.1:9' } } } };

  it('is not taken over by a running gateway, which says that it needs a restart', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.writeConfig(elsewhere);
    const said = () => gateway.logLines.find((line) => line.includes('configuration taken over'));
    await vi.waitFor(() => expect(said()).toContain('"needsRestart":["models.providers.anthropic.baseUrl"]'), SOON);
    expect((await gateway.post()).status).toBe(200);
  });

  it('disables the profile: its secret is not for that origin', async () => {
    const before = await TestGateway.start({ profiles: ['first'] });
    const { home, simulator, vault } = before;
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault, config: elsewhere });
    const response = await gateway.post();
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'PROFILES_REFUSED']);
    expect(await response.text()).toContain('stored for another base URL');
    expect(gateway.health.list()).toEqual([]);
  });
});

describe.concurrent('a gateway that stops', () => {
  it('lets a running stream finish within the grace, and admits nothing new', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], script: { pacing: { perEventMs: 100 } } });
    const response = await gateway.post(STREAM);
    const draining = gateway.gateway.drain(10_000);
    const text = response.text();
    // A new connection is refused; a request on one that is still open is told so.
    const outcome = await gateway.post().then(
      (answer) => [answer.status, answer.headers.get('x-moltbot-error')],
      () => 'refused',
    );
    expect([[503, 'DRAINING'], 'refused']).toContainEqual(outcome);
    expect(await text).toContain('message_stop');
    await draining;
    expect(gateway.simulator.requests).toHaveLength(1);
    await expect(gateway.post()).rejects.toThrow();
  });

  it('ends a stream that outlives the grace with the dialect’s error event', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const text = (await gateway.post(STREAM)).text();
    await gateway.gateway.drain(300);
    const events = (await text).trimEnd().split('\n\n');
    expect(events).toHaveLength(3);
    expect(events[2]).toMatch(/^event: error\ndata: \{"type":"error".*The gateway is stopping/);
    expect(gateway.states()).toEqual([]);
  });

  it('tells a request that waits for its first byte', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence' } }] },
    });
    const request = gateway.post();
    await vi.waitFor(() => expect(gateway.served()).toEqual(['first nothing']));
    await gateway.gateway.drain(100);
    const response = await request;
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([503, 'DRAINING']);
    expect(response.headers.get('x-should-retry')).toBeNull();
  });

  it('ends also while a client does not read', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'endless' } }] },
    });
    const response = await gateway.post(STREAM);
    const startedAtMs = performance.now();
    await gateway.gateway.drain(100);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    await response.body!.cancel().catch(() => undefined);
  });
});
