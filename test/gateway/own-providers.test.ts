import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const CHAT = { path: 'local/v1/chat/completions', body: { model: 'gpt-5', messages: SMALL.messages } };

function start(settings: object): Promise<TestGateway> {
  return TestGateway.start({ config: { models: { providers: { local: settings } } } });
}

describe('a provider that a person defines', () => {
  it('needs no credential with auth: "none", and gets no header with one', async () => {
    const upstream = await startSimulator({ acceptAny: true });
    await using gateway = await start({ baseUrl: upstream.baseUrls.openai, api: ['openai-chat'], auth: 'none' });
    const response = await gateway.post(CHAT);
    expect(response.status).toBe(200);
    expect(upstream.requests.map(({ path, credentials }) => [path, credentials])).toEqual([
      ['/openai/v1/chat/completions', []],
    ]);
    expect(gateway.logLines.some((line) => line.includes('"profile":"local:none"'))).toBe(true);
    await upstream.close();
  });

  it('serves every agent with auth: "none"', async () => {
    const upstream = await startSimulator({ acceptAny: true });
    await using gateway = await start({ baseUrl: upstream.baseUrls.openai, api: ['openai-chat'], auth: 'none' });
    expect((await gateway.post({ ...CHAT, token: gateway.issue('reviewer').token })).status).toBe(200);
    await upstream.close();
  });

  it('speaks Anthropic’s dialect with x-api-key when it says so', async () => {
    const upstream = await startSimulator();
    await using gateway = await start({ baseUrl: upstream.url, api: ['anthropic-messages'], auth: 'x-api-key' });
    await gateway.credentials.save(
      {
        agentId: 'main',
        profileId: 'local:key',
        provider: 'local',
        type: 'api_key',
        secret: new Secret(upstream.issueKey('anthropic', 'key')),
        origin: upstream.url,
        baseUrl: null,
        expiresAtMs: null,
        expiryAssumed: false,
      },
      gateway.now(),
    );
    expect((await gateway.post({ path: 'local/v1/messages' })).status).toBe(200);
    expect(upstream.requests[0]!.credentials).toMatchObject([{ header: 'x-api-key', scheme: 'plain', name: 'key' }]);
    const names = upstream.requests[0]!.rawHeaders.map((text) => text.toLowerCase());
    expect(names).toContain('anthropic-version');
    expect(names).not.toContain('anthropic-beta');
    const broken = await gateway.post({ path: 'local/v1/elsewhere' });
    expect(await broken.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    await upstream.close();
  });

  it('has no other routes than its wire format needs', async () => {
    await using gateway = await start({ baseUrl: 'http://127.0.0.1:9/v1', api: ['openai-chat'], auth: 'none' });
    for (const path of ['local/v1/messages', 'local/v1/responses']) {
      expect((await gateway.post({ path })).headers.get('x-moltbot-error')).toBe('ROUTE_NOT_FOUND');
    }
  });

  it('that is not there is 502 with its name and origin', async () => {
    await using gateway = await start({ baseUrl: 'http://127.0.0.1:9/v1', api: ['openai-chat'], auth: 'none' });
    const response = await gateway.post(CHAT);
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([502, 'PROVIDER_UNREACHABLE']);
    expect(await response.text()).toContain('local cannot be reached at http://127.0.0.1:9.');
  });

  it('takes its key from the environment for main', async () => {
    const upstream = await startSimulator();
    await using gateway = await TestGateway.start({
      config: { models: { providers: { local: { baseUrl: upstream.baseUrls.openai, api: ['openai-chat'] } } } },
      env: { LOCAL_API_KEY: upstream.issueKey('openai', 'env') },
    });
    expect((await gateway.post(CHAT)).status).toBe(200);
    expect(upstream.requests[0]!.credentials).toMatchObject([
      { header: 'authorization', scheme: 'bearer', name: 'env' },
    ]);
    await upstream.close();
  });

  it('is shown our credential’s echo by nobody: it is taken out of a whole answer', async () => {
    const upstream = await startSimulator({ script: { rules: [{ fail: { kind: 'echo', where: 'body' } }] } });
    const key = upstream.issueKey('openai', 'env');
    await using gateway = await TestGateway.start({
      config: { models: { providers: { local: { baseUrl: upstream.baseUrls.openai, api: ['openai-chat'] } } } },
      env: { LOCAL_API_KEY: key },
    });
    const response = await gateway.post(CHAT);
    const text = await response.text();
    expect(text).toContain('echo');
    expect(text).not.toContain(key);
    // A short answer is sent in one piece, with the length it has now.
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(response.headers.get('transfer-encoding')).toBeNull();
    await upstream.close();
  });
});
