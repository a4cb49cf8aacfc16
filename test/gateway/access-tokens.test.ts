import { describe, expect, it, vi } from 'vitest';
import { newAccessToken } from '../../src/agents/access-token.ts';
import { Secret } from '../../src/core/secret.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const STREAM = { body: { ...SMALL, stream: true } };
/** A stream that takes about `events` × 100 ms. */
const slowly = (deltas: number) => ({ answer: { deltas }, pacing: { perEventMs: 100 } });

/** Resolves once the answer has begun; `rest` is everything that comes of it. */
async function begun(response: Response): Promise<{ rest: Promise<string> }> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader.read()).value);
  const rest = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value);
    }
  })();
  return { rest };
}

const lastEvent = (text: string) => text.trimEnd().split('\n\n').at(-1);

describe.concurrent('an access token', () => {
  it('is refused once it has expired, and stays refused when the clock goes back', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { token } = gateway.issue('main', 60_000);
    gateway.move(59_000);
    expect((await gateway.post({ token })).status).toBe(200);
    gateway.move(1_000);
    for (const backMs of [0, -60_000]) {
      gateway.move(backMs);
      const response = await gateway.post({ token });
      expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_EXPIRED']);
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="moltbot"');
    }
    expect(gateway.served()).toEqual(['first 200']);
  });

  it('that expires while an answer runs lets it finish', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], script: slowly(5) });
    const { token } = gateway.issue('main', 60_000);
    const { rest } = await begun(await gateway.post({ ...STREAM, token }));
    gateway.move(120_000);
    expect(lastEvent(await rest)).toContain('message_stop');
    expect((await gateway.post({ token })).status).toBe(401);
  });

  it('that has expired longer than the grace ends its answer visibly', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 3 } }] },
      config: { gateway: { streamGraceMs: 60_000 } },
    });
    const { token } = gateway.issue('main', 60_000);
    const { rest } = await begun(await gateway.post({ ...STREAM, token }));
    gateway.move(121_000);
    expect(lastEvent(await rest)).toContain('expired too long ago');
  });

  it.each([
    ['anthropic/v1/messages', SMALL, /^event: error\ndata: \{"type":"error","error":\{"type":"api_error",/],
    ['openai/v1/chat/completions', { model: 'gpt-5', messages: SMALL.messages }, /^data: \{"error":\{"message"/],
    [
      'openai/v1/responses',
      { model: 'gpt-5', input: 'Hi' },
      /^event: error\ndata: \{"type":"error","code":"server_error"/,
    ],
  ])('that is revoked cuts a stream of %s within a second, in its dialect', async (path, body, event) => {
    await using gateway = await TestGateway.start({
      profiles: ['first', { name: 'first', provider: 'openai' }],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const { token, accessor } = gateway.issue();
    const { rest } = await begun(await gateway.post({ path, body: { ...body, stream: true }, token }));
    gateway.tokens.revoke(accessor, gateway.now());
    const startedAtMs = performance.now();
    const last = lastEvent(await rest);
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    expect(last).toMatch(event);
    expect(last).toContain('The access token of this request was revoked.');
    const next = await gateway.post({ token });
    expect([next.status, next.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
  });

  it('that is revoked before the answer began gets 401, and upstream is cancelled', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence' } }] },
    });
    const { token, accessor } = gateway.issue();
    const request = gateway.post({ token });
    await vi.waitFor(() => expect(gateway.served()).toEqual(['first nothing']));
    gateway.tokens.revoke(accessor, gateway.now());
    const response = await request;
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
    expect(gateway.states()).toEqual([]);
  });

  it('that was revoked is refused after a restart too', async () => {
    const before = await TestGateway.start({ profiles: ['first'] });
    const { token, accessor } = before.issue();
    before.tokens.revoke(accessor, before.now());
    const { home, simulator, vault } = before;
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault });
    expect((await gateway.post({ token })).headers.get('x-moltbot-error')).toBe('TOKEN_REVOKED');
  });

  it('of a removed agent ends with it', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'own', agentId: 'reviewer' }],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const { token } = gateway.issue('reviewer');
    const { rest } = await begun(await gateway.post({ ...STREAM, token }));
    await gateway.credentials.remove('reviewer', 'anthropic:own');
    gateway.agents.remove('reviewer');
    expect(lastEvent(await rest)).toContain('event: error');
    expect((await gateway.post({ token })).headers.get('x-moltbot-error')).toBe('TOKEN_REJECTED');
  });

  it('for one provider opens no other', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', { name: 'first', provider: 'openai' }] });
    const { token } = gateway.tokens.issue({ agentId: 'main', providers: ['openai'], ttlMs: 60_000 }, gateway.now());
    const response = await gateway.post({ token: token.reveal() });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([403, 'PROVIDER_NOT_ALLOWED']);
    expect(gateway.served()).toEqual([]);
  });
});

describe.concurrent('where the access token stands', () => {
  it.each([
    ['in both headers', (token: string) => ({ authorization: `Bearer ${token}`, 'x-api-key': token })],
    ['in x-api-key beside junk', (token: string) => ({ authorization: 'Bearer nonsense', 'x-api-key': token })],
    ['in authorization beside junk', (token: string) => ({ authorization: `Bearer ${token}`, 'x-api-key': 'junk' })],
    ['in x-api-key alone', (token: string) => ({ 'x-api-key': token })],
  ])('%s, it is used, and the provider sees one credential of ours', async (_where, headersFor) => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const answer = await gateway.send('/v1/proxy/anthropic/v1/messages', {
      token: null,
      headers: { ...headersFor(gateway.token), cookie: 'a=b', 'proxy-authorization': 'Basic eDp5' },
      body: JSON.stringify(SMALL),
    });
    expect(answer.status).toBe(200);
    const [request] = gateway.simulator.requests;
    expect(request!.credentials).toMatchObject([{ header: 'x-api-key', name: 'first' }]);
    const names = request!.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    for (const name of ['authorization', 'cookie', 'proxy-authorization']) expect(names).not.toContain(name);
  });

  it('two different valid ones are refused', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const response = await gateway.post({ headers: { 'x-api-key': gateway.issue().token } });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([400, 'AMBIGUOUS_CREDENTIALS']);
    expect(gateway.served()).toEqual([]);
  });

  it.each([
    ['an unknown token', () => newAccessToken().reveal()],
    ['a malformed one', () => 'mbt_short'],
    ['a provider’s key', () => `sk-ant-sim-${'a'.repeat(40)}`],
  ])('%s gets the generic 401', async (_what, make) => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const response = await gateway.post({ token: make() });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REJECTED']);
    expect(await response.json()).toMatchObject({ error: { type: 'authentication_error' } });
  });
});

describe.concurrent('a credential under a running answer', () => {
  const saved = (gateway: TestGateway, name: string) => {
    const profile = gateway.profiles.get('main', 'anthropic:first')!;
    const secret = new Secret(gateway.simulator.issueKey('anthropic', name));
    return gateway.credentials.save({ ...profile, secret }, gateway.now());
  };

  it('that is replaced: the answer finishes on the old one, new requests use the new one', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], script: slowly(5) });
    const { rest } = await begun(await gateway.post(STREAM));
    await saved(gateway, 'newer');
    expect((await gateway.post()).status).toBe(200);
    expect(lastEvent(await rest)).toContain('message_stop');
    expect(gateway.served()).toEqual(['first 200', 'newer 200']);
  });

  it('that is removed cuts the answer within a second', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const { rest } = await begun(await gateway.post(STREAM));
    await gateway.credentials.remove('main', 'anthropic:first');
    const startedAtMs = performance.now();
    expect(lastEvent(await rest)).toContain('The credential that served this request was removed.');
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  });

  it('that is removed before the first byte cuts the request too', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'silence' } }] },
    });
    const request = gateway.post(STREAM);
    await vi.waitFor(() => expect(gateway.served()).toEqual(['first nothing']));
    await gateway.credentials.remove('main', 'anthropic:first');
    expect((await request).headers.get('x-moltbot-error')).toBe('NO_CREDENTIALS');
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true), { timeout: 2_000 });
    expect((await gateway.post()).status).toBe(200);
  });
});
