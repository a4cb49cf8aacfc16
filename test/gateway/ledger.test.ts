import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const rowsOf = (gateway: TestGateway) => new LedgerStore(gateway.database).after({ limit: 1_000 });
const outcomes = (gateway: TestGateway) =>
  rowsOf(gateway).map(({ profileId, attempt, status, outcome }) => `${profileId} ${attempt} ${status} ${outcome}`);
const STREAM = { ...SMALL, max_tokens: 40, stream: true };

describe('a request', () => {
  it('is a row with everything that is known of it, by the time its answer has ended', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const headers = { 'X-Moltbot-Label-Project': 'web', 'x-moltbot-label-feature': 'review' };
    const response = await gateway.post({ headers });
    const text = await response.text();
    const [row, ...more] = rowsOf(gateway);
    expect(more).toEqual([]);
    expect(row).toEqual({
      id: 1,
      requestId: response.headers.get('x-moltbot-request-id'),
      attempt: 1,
      admittedAtMs: expect.any(Number),
      firstByteAtMs: expect.any(Number),
      endedAtMs: expect.any(Number),
      agentId: 'main',
      accessor: gateway.tokens.live(gateway.now())[0]!.accessor,
      session: expect.stringMatching(/^[\w-]{43}$/),
      profileAgentId: 'main',
      profileId: 'anthropic:first',
      provider: 'anthropic',
      route: 'messages',
      modelAsked: 'claude-haiku-4-5',
      modelServed: 'claude-haiku-4-5',
      isStream: false,
      status: 200,
      outcome: 'ok',
      sentBytes: text.length,
      labels: '{"project":"web","feature":"review"}',
      isSubscription: false,
      tokenLabel: null,
      reservedNanoUsd: null,
      reservedTokens: null,
      boundNanoUsd: null,
      boundTokens: null,
      heldNanoUsd: null,
      heldTokens: null,
      isSimulated: true,
      booking: expect.objectContaining({ usageState: 'reported' }),
    });
    expect([row!.admittedAtMs <= row!.firstByteAtMs!, row!.firstByteAtMs! <= row!.endedAtMs!]).toEqual([true, true]);
  });

  it.each([
    ['anthropic/v1/messages', STREAM, 'message_stop'],
    ['openai/v1/chat/completions', { model: 'gpt-4o-mini', messages: SMALL.messages, stream: true }, '[DONE]'],
    ['openai/v1/responses', { model: 'gpt-4o-mini', input: 'Hi', stream: true }, 'response.completed'],
  ])('to %s that streams is completed before its last event is seen', async (path, body, terminal) => {
    await using gateway = await TestGateway.start({ profiles: ['first', { name: 'second', provider: 'openai' }] });
    const response = await gateway.post({ path, body });
    let seen = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      seen += piece;
      if (!seen.includes(terminal)) continue;
      expect(rowsOf(gateway)[0]).toMatchObject({ outcome: 'ok', isStream: true, sentBytes: expect.any(Number) });
    }
    expect(seen).toContain(terminal);
    expect(rowsOf(gateway)[0]!.sentBytes).toBeGreaterThan(0);
  });

  it('that goes on to another profile has a row for each', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    await (await gateway.post()).text();
    expect(outcomes(gateway)).toEqual(['anthropic:first 1 429 rate_limited', 'anthropic:second 2 200 ok']);
  });

  it.each([
    ['an error of the provider', { kind: 'error', error: 'server_error' }, '500 server_error'],
    ['a reset before the head', { kind: 'reset' }, 'null broken'],
    ['an answer that breaks off', { kind: 'truncate', afterEvents: 2 }, '200 broken'],
  ])('that gets %s is completed so', async (_what, fail, end) => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: fail as never }] },
    });
    await (await gateway.post({ body: STREAM })).text();
    await expect.poll(() => outcomes(gateway)).toEqual([`anthropic:first 1 ${end}`]);
  });

  it('whose client leaves is completed, before the head and after it', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { pacing: { firstByteMs: 200, perEventMs: 100 } },
    });
    const early = new AbortController();
    const gone = gateway.post({ body: STREAM, signal: early.signal }).catch(() => 'left');
    await expect.poll(() => gateway.served().length).toBe(1);
    early.abort();
    await gone;
    await expect.poll(() => outcomes(gateway)).toEqual(['anthropic:first 1 null client_left']);
    const late = new AbortController();
    await gateway.post({ body: STREAM, signal: late.signal });
    late.abort();
    await expect.poll(() => outcomes(gateway)[1]).toBe('anthropic:first 1 200 client_left');
  });

  it('that is cut by a revocation is completed as cut', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], script: { pacing: { perEventMs: 100 } } });
    const { token, accessor } = gateway.issue();
    const response = await gateway.post({ body: STREAM, token });
    gateway.tokens.revoke(accessor, gateway.now());
    expect(await response.text()).toContain('event: error');
    await expect.poll(() => outcomes(gateway)).toEqual(['anthropic:first 1 200 cut']);
  });

  it('whose answer cannot be read is completed as broken', async () => {
    const provider = createServer((incoming, response) => {
      incoming.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'x-unheard-of' });
      response.end('{}');
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    await using gateway = await TestGateway.start({
      config: { models: { providers: { anthropic: { baseUrl: `http://127.0.0.1:${port}` } } } },
      env: { ANTHROPIC_API_KEY: `sk-ant-sim-${'a'.repeat(40)}` },
    });
    expect((await gateway.post()).status).toBe(502);
    await expect.poll(() => outcomes(gateway)).toEqual(['anthropic:env 1 200 broken']);
    provider.closeAllConnections();
    provider.close();
  });

  it('that names an alias shows what was asked for and what went out', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: { agents: { defaults: { models: { 'anthropic/claude-haiku-4-5': { alias: 'quick' } } } } },
    });
    await (await gateway.post({ body: { ...SMALL, model: 'quick' } })).text();
    expect(rowsOf(gateway)[0]).toMatchObject({ modelAsked: 'quick', modelServed: 'claude-haiku-4-5' });
  });
});

describe('an answer that cannot be written down', () => {
  it('is not seen as a whole one, streamed or not, and is written as cut when that can be done', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.database.exec("CREATE TRIGGER full BEFORE UPDATE ON ledger BEGIN SELECT RAISE(FAIL, 'no'); END");
    const plain = await gateway
      .post()
      .then((response) => response.text())
      .catch(() => 'reset');
    const stream = await gateway
      .post({ body: STREAM })
      .then((response) => response.text())
      .catch(() => 'reset');
    expect([plain, stream]).toEqual(['reset', 'reset']);
    gateway.database.exec('DROP TRIGGER full');
    await expect.poll(() => outcomes(gateway)).toEqual(['anthropic:first 1 200 cut', 'anthropic:first 1 200 cut']);
    expect((await gateway.post()).status).toBe(200);
  });
});

describe('a gateway that starts', () => {
  it('closes what a killed one left open', async () => {
    const before = await TestGateway.start({ profiles: ['first'] });
    await (await before.post()).text();
    before.database.exec(
      `INSERT INTO ledger (request_id, attempt, admitted_at_ms, agent_id, accessor, session, profile_agent_id, profile_id,
         provider, route, is_stream) SELECT 'mbr_left', 1, 1, agent_id, accessor, session, profile_agent_id, profile_id,
         provider, route, 0 FROM ledger`,
    );
    const { home, simulator, vault } = before;
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault });
    expect(outcomes(gateway)).toEqual(['anthropic:first 1 200 ok', 'anthropic:first 1 null interrupted']);
  });
});
