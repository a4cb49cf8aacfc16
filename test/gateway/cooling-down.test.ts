import { describe, expect, it, vi } from 'vitest';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const MODEL = 'claude-haiku-4-5';
const limitedFor = (seconds: number): NonNullable<NonNullable<ScriptInput['rules']>[number]['fail']> => ({
  kind: 'error',
  error: 'rate_limit',
  resets: [{ style: 'retry-after', seconds }],
});
const session = (id: string) => ({ headers: { 'x-session-id': id } });

/** `first` is rate limited once, for two minutes. */
const ONCE_LIMITED: ScriptInput = { rules: [{ credential: 'first', first: 1, fail: limitedFor(120) }] };
const FIRST_THEN_SECOND = { auth: { order: { anthropic: ['anthropic:first', 'anthropic:second'] } } };

describe.concurrent('a rate-limited profile', () => {
  it('stays aside over a restart, then serves new sessions again while the old one stays where it is', async () => {
    const before = await TestGateway.start({
      profiles: ['first', 'second'],
      script: ONCE_LIMITED,
      config: FIRST_THEN_SECOND,
    });
    expect((await before.post(session('old'))).status).toBe(200);
    expect(before.served()).toEqual(['first 429', 'second 200']);
    const stored = before.health.list();
    const { home, simulator, vault } = before;
    await before.stop();

    await using gateway = await TestGateway.start({ home, simulator, vault });
    expect(gateway.health.list()).toEqual(stored);
    simulator.forgetRequests();
    expect((await gateway.post(session('new'))).status).toBe(200);
    expect(gateway.served()).toEqual(['second 200']);

    gateway.move(120_000);
    simulator.forgetRequests();
    for (const id of ['newer', 'old', 'new']) expect((await gateway.post(session(id))).status).toBe(200);
    expect(gateway.served()).toEqual(['first 200', 'second 200', 'second 200']);
    expect(gateway.health.list()).toEqual([]);
  });

  it('is probed by one request after its window, while others go elsewhere', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: ONCE_LIMITED,
      config: FIRST_THEN_SECOND,
    });
    await gateway.post(session('a'));
    gateway.move(120_000);
    gateway.simulator.forgetRequests();
    gateway.simulator.addRules({ credential: 'first', pacing: { firstByteMs: 1_000 } });
    const probe = gateway.post(session('b'));
    await vi.waitFor(() => expect(gateway.simulator.requests.length).toBe(1));
    expect((await gateway.post(session('c'))).status).toBe(200);
    expect(gateway.served()).toEqual(['first nothing', 'second 200']);
    expect((await probe).status).toBe(200);
    expect((await gateway.post(session('d'))).status).toBe(200);
    expect(gateway.served()).toEqual(['first 200', 'second 200', 'first 200']);
  });

  it('is probed by one of two requests also when it is the only one: the other waits for it', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ first: 1, fail: limitedFor(120) }, { pacing: { firstByteMs: 300 } }] },
    });
    expect((await gateway.post()).status).toBe(429);
    gateway.move(120_000);
    const answers = await Promise.all(['b', 'c'].map((id) => gateway.post(session(id))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(gateway.states()).toEqual([]);
  });

  it('frees the slot unchanged when the probing client leaves', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: ONCE_LIMITED,
      config: FIRST_THEN_SECOND,
    });
    await gateway.post(session('a'));
    const stored = gateway.health.list();
    gateway.move(120_000);
    gateway.simulator.forgetRequests();
    gateway.simulator.addRules({ credential: 'first', first: 1, fail: { kind: 'silence' } });
    const leaving = new AbortController();
    const probe = gateway.post({ ...session('b'), signal: leaving.signal }).catch(() => 'left');
    await vi.waitFor(() => expect(gateway.simulator.requests.length).toBe(1));
    leaving.abort();
    expect(await probe).toBe('left');
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
    expect(gateway.health.list()).toEqual(stored);
    expect((await gateway.post(session('c'))).status).toBe(200);
    expect(gateway.served()).toEqual(['first nothing', 'first 200']);
  });

  it('climbs the ladder when the probe fails: 1 min, then 5', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'rate_limit' } }] },
      config: FIRST_THEN_SECOND,
    });
    await gateway.post(session('a'));
    expect(gateway.windows()).toMatchObject([{ rung: 0, windowSeconds: 60 }]);
    gateway.move(60_000);
    await gateway.post(session('b'));
    expect(gateway.windows()).toMatchObject([{ rung: 1, windowSeconds: 300, failuresInARow: 2 }]);
  });

  it('is set aside for that model only', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', model: MODEL, fail: limitedFor(120) }] },
      config: FIRST_THEN_SECOND,
    });
    await gateway.post();
    expect((await gateway.post({ body: { ...SMALL, model: 'claude-opus-4-5' }, ...session('b') })).status).toBe(200);
    expect(gateway.served()).toEqual(['first 429', 'second 200', 'first 200']);
  });

  it('is left by its session, which then stays with the other', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'], config: FIRST_THEN_SECOND });
    await gateway.post(session('a'));
    gateway.simulator.addRules({ credential: 'first', first: 1, fail: limitedFor(120) });
    for (let turn = 0; turn < 2; turn++) await gateway.post(session('a'));
    gateway.move(120_000);
    await gateway.post(session('a'));
    expect(gateway.served()).toEqual(['first 200', 'first 429', 'second 200', 'second 200', 'second 200']);
  });

  it('comes back when a person resets it, without a restart', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: ONCE_LIMITED,
      config: FIRST_THEN_SECOND,
    });
    await gateway.post(session('a'));
    gateway.health.clearAll('main', 'anthropic:first');
    await gateway.post(session('b'));
    expect(gateway.served()).toEqual(['first 429', 'second 200', 'first 200']);
  });
});

describe.concurrent('a credential that is refused', () => {
  it('is disabled by the third refusal in a row, and comes back when it is replaced', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'authentication' } }] },
      config: FIRST_THEN_SECOND,
    });
    for (const [id, waitMs] of Object.entries({ a: 60_000, b: 300_000, c: 7 * 86_400_000 })) {
      expect((await gateway.post({ ...session(id), token: gateway.issue().token })).status).toBe(200);
      gateway.move(waitMs);
    }
    expect(gateway.windows()).toMatchObject([
      { reason: 'auth', kind: 'disabled', windowSeconds: null, failuresInARow: 3, rung: 2 },
    ]);
    gateway.simulator.setScript({});
    gateway.simulator.forgetRequests();
    const { token } = gateway.issue();
    await gateway.post({ ...session('d'), token });
    const profile = gateway.profiles.get('main', 'anthropic:first')!;
    const reading = await gateway.credentials.read('main', 'anthropic:first', profile.origin);
    if (reading.status !== 'ok') throw new Error('no secret');
    await gateway.credentials.save({ ...profile, secret: reading.secret }, gateway.now());
    await gateway.post({ ...session('e'), token });
    expect(gateway.served()).toEqual(['second 200', 'first 200']);
    expect(gateway.states()).toEqual([]);
  });
});

describe.concurrent('a profile out of credit', () => {
  it('is tested every 15 minutes while no other is left, and serves again once the test passes', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ first: 2, fail: { kind: 'error', error: 'billing' } }] },
    });
    expect((await gateway.post()).status).toBe(402);
    gateway.move(14 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(gateway.served()).toEqual(['first 402']);
    gateway.move(60_000);
    await vi.waitFor(() => expect(gateway.served()).toEqual(['first 402', 'first 402']), { timeout: 15_000 });
    expect(gateway.states()).toEqual(['anthropic:first billing']);
    gateway.move(15 * 60_000);
    await vi.waitFor(() => expect(gateway.states()).toEqual([]), { timeout: 15_000 });
    expect((await gateway.post()).status).toBe(200);
    expect(gateway.served()).toEqual(['first 402', 'first 402', 'first 200', 'first 200']);
  });

  it('is not tested while another profile serves', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', first: 1, fail: { kind: 'error', error: 'billing' } }] },
      config: FIRST_THEN_SECOND,
    });
    await gateway.post();
    gateway.move(20 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(gateway.served()).toEqual(['first 402', 'second 200']);
    expect(gateway.states()).toEqual(['anthropic:first billing']);
  });
});
