import { describe, expect, it, vi } from 'vitest';
import { changeAgent, pauseAgent, resumeAgent } from '../../src/agents/change-agents.ts';
import { booksOf, tester, tokenOf } from '../fakes/gateway-agents.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const CHAT = { model: 'gpt-5', messages: SMALL.messages };
const everyProvider = (agentId: string) =>
  (['anthropic', 'openai', 'xai'] as const).map((provider) => ({ name: provider, provider, agentId }));

const refusal = async (response: Response) => ({
  status: response.status,
  error: response.headers.get('x-moltbot-error'),
  gate: response.headers.get('x-moltbot-gate'),
  retry: response.headers.get('x-should-retry'),
});

describe.concurrent('a paused agent', () => {
  it('gets 402, told once and in words without a command; resumed, it is served again', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const books = booksOf(gateway);
    pauseAgent(books, 'main', 'too expensive', tester(gateway));
    const response = await gateway.post();
    expect(await refusal(response)).toEqual({ status: 402, error: 'AGENT_PAUSED', gate: 'agent', retry: 'false' });
    const { error } = (await response.json()) as { error: { type: string; message: string } };
    expect(error.type).toBe('billing_error');
    expect(error.message).toMatch(
      /^Agent "main" is paused by a person: too expensive\. Ask the person who runs this gateway\. \(closed gate: agent; moltbot request mbr_[0-9a-f]{24}\)$/,
    );
    expect(gateway.served()).toEqual([]);
    resumeAgent(books, 'main', tester(gateway));
    expect((await gateway.post()).status).toBe(200);
  });

  it('gets 429 insufficient_quota in OpenAI’s dialect, at which Codex stops', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'first', provider: 'openai' }] });
    pauseAgent(booksOf(gateway), '*', '', tester(gateway));
    const response = await gateway.post({ path: 'openai/v1/chat/completions', body: CHAT });
    expect(await refusal(response)).toEqual({ status: 429, error: 'AGENT_PAUSED', gate: 'agent', retry: 'false' });
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toMatchObject({
      error: {
        code: 'insufficient_quota',
        type: 'insufficient_quota',
        message: expect.stringContaining('Every agent is'),
      },
    });
  });

  it('leaves the others alone', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.agents.add('other', gateway.now());
    pauseAgent(booksOf(gateway), 'other', '', tester(gateway));
    expect((await gateway.post()).status).toBe(200);
  });

  it.each([
    ['anthropic/v1/messages', SMALL],
    ['openai/v1/chat/completions', CHAT],
    ['openai/v1/responses', { model: 'gpt-5', input: 'Hi' }],
  ])('has its streams of %s cut within a second, in their dialect', async (path, body) => {
    await using gateway = await TestGateway.start({
      profiles: everyProvider('main'),
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 2 } }] },
    });
    const response = await gateway.post({ path, body: { ...body, stream: true } });
    const reader = response.body!.getReader();
    await reader.read();
    pauseAgent(booksOf(gateway), 'main', '', tester(gateway));
    const startedAtMs = performance.now();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += Buffer.from(part.value).toString();
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    expect(text).toContain('This agent was paused; ask the person who runs this gateway.');
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true), { timeout: 10_000 });
  });

  it('gets 402 also for a request whose answer has not begun', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence' } }] },
    });
    const request = gateway.post();
    await vi.waitFor(() => expect(gateway.served()).toEqual(['first nothing']), { timeout: 10_000 });
    pauseAgent(booksOf(gateway), 'main', '', tester(gateway));
    expect(await refusal(await request)).toMatchObject({ status: 402, error: 'AGENT_PAUSED', gate: 'agent' });
  });
});

describe.concurrent('an agent with terms', () => {
  it('is refused from its expiry on; an answer under way may finish', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', agentId: 'brief' }],
      script: { answer: { deltas: 5 }, pacing: { perEventMs: 100 } },
    });
    gateway.agents.change('brief', { expiresAtMs: gateway.now() + 60_000 });
    const token = tokenOf(gateway, 'brief');
    const response = await gateway.post({ token, body: { ...SMALL, stream: true } });
    gateway.move(60_000);
    expect(await refusal(await gateway.post({ token }))).toEqual({
      status: 403,
      error: 'AGENT_EXPIRED',
      gate: 'agent',
      retry: 'false',
    });
    expect(await response.text()).toContain('message_stop');
  });

  it('may use its providers, routes and models and no others; a change counts from the next request on', async () => {
    await using gateway = await TestGateway.start({ profiles: everyProvider('narrow') });
    const policy = { providers: ['anthropic'], routes: ['generate' as const], models: ['anthropic/claude-haiku-4-5'] };
    const books = booksOf(gateway);
    changeAgent(books, 'narrow', { policy }, tester(gateway));
    const token = tokenOf(gateway, 'narrow');
    const gateOf = async (request: Promise<Response>) => (await refusal(await request)).gate;
    expect(await gateOf(gateway.post({ token }))).toBeNull();
    expect(await gateOf(gateway.post({ token, path: 'openai/v1/chat/completions', body: CHAT }))).toBe(
      'provider:openai',
    );
    expect(await gateOf(gateway.post({ token, path: 'anthropic/v1/messages/count_tokens' }))).toBe('route');
    expect(await gateOf(gateway.post({ token, body: { ...SMALL, model: 'claude-opus-4-5' } }))).toBe('model');
    expect(gateway.served()).toEqual(['anthropic 200']);
    changeAgent(books, 'narrow', { policy: {} }, tester(gateway));
    expect(await gateOf(gateway.post({ token, body: { ...SMALL, model: 'claude-opus-4-5' } }))).toBeNull();
  });

  it('never falls back to a model it may not use', async () => {
    const model = {
      primary: 'anthropic/claude-opus-4-5',
      fallbacks: ['anthropic/claude-sonnet-4-5', 'anthropic/claude-haiku-4-5'],
    };
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', agentId: 'narrow' }],
      config: { agents: { defaults: { model } } },
      script: { rules: [{ model: 'claude-opus-4-5', fail: { kind: 'error', error: 'overloaded' } }] },
    });
    const models = ['anthropic/claude-opus-4-5', 'anthropic/claude-haiku-4-5'];
    gateway.agents.change('narrow', { policy: { models } });
    const response = await gateway.post({
      token: tokenOf(gateway, 'narrow'),
      body: { ...SMALL, model: 'claude-opus-4-5' },
    });
    expect([response.status, response.headers.get('x-moltbot-model')]).toEqual([200, 'claude-haiku-4-5']);
  });

  it('sees only its models in a list, in the provider’s own shape', async () => {
    await using gateway = await TestGateway.start({ profiles: everyProvider('narrow') });
    const models = ['anthropic/claude-haiku-4-5', 'openai/gpt-5'];
    gateway.agents.change('narrow', { policy: { models } });
    const token = tokenOf(gateway, 'narrow');
    const get = async (path: string) => {
      const headers = { 'anthropic-version': '2023-06-01' };
      const answer = await gateway.send(`/v1/proxy/${path}`, { method: 'GET', token, headers });
      return { status: answer.status, value: JSON.parse(answer.body.toString()) };
    };
    const { value } = await get('anthropic/v1/models?limit=1000');
    expect(value).toMatchObject({ has_more: false, first_id: value.data[0].id, last_id: value.data.at(-1).id });
    expect(value.data.map(({ id }: { id: string }) => id)).toEqual(['claude-haiku-4-5', 'claude-haiku-4-5-20251001']);
    const openai = (await get('openai/v1/models')).value;
    expect([openai.object, openai.data.map(({ id }: { id: string }) => id)]).toEqual(['list', ['gpt-5']]);
    expect((await get('xai/v1/models')).value.data).toEqual([]);
    expect((await get('anthropic/v1/models/claude-haiku-4-5-20251001')).status).toBe(200);
    expect((await get('anthropic/v1/models/claude-opus-4-5')).status).toBe(403);
  });
});

describe.concurrent('a refusal that names no policy', () => {
  it('names the gate of the credential where there is none', async () => {
    await using gateway = await TestGateway.start();
    const response = await gateway.post();
    expect(await refusal(response)).toMatchObject({
      status: 401,
      error: 'NO_CREDENTIALS',
      gate: 'credential:anthropic',
    });
  });

  it('names it where all are cooling down', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    await gateway.post();
    expect(await refusal(await gateway.post())).toMatchObject({ status: 429, gate: 'credential:anthropic' });
  });
});
