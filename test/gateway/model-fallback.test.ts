import { describe, expect, it } from 'vitest';
import type { ErrorName, ScriptInput } from '../../src/simulator/script-schema.ts';
import { SMALL, TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';

const PRIMARY = 'anthropic/claude-opus-4-5';
const CONFIG = {
  auth: { maxWaitMs: 0 },
  agents: {
    defaults: {
      model: { primary: PRIMARY, fallbacks: ['anthropic/claude-haiku-4-5'] },
      models: { [PRIMARY]: { alias: 'opus' }, 'anthropic/claude-sonnet-4-5': { alias: 'sonnet' } },
    },
  },
};
const TO_XAI = {
  auth: { maxWaitMs: 0 },
  agents: { defaults: { model: { primary: 'openai/gpt-5', fallbacks: ['xai/grok-4-fast'] } } },
};
const CHAT = { path: 'openai/v1/chat/completions', body: { model: 'default', messages: SMALL.messages } };
const asking = (model: string) => ({ body: { ...SMALL, model } });

function start(error: ErrorName, more: Partial<TestGatewayOptions> = {}): Promise<TestGateway> {
  const rules: ScriptInput['rules'] = [{ model: 'claude-opus-*', fail: { kind: 'error', error } }];
  return TestGateway.start({ profiles: ['first'], config: CONFIG, script: { rules }, ...more });
}

const models = (gateway: TestGateway) => gateway.simulator.requests.map(({ model, status }) => `${model} ${status}`);

describe('model fallback', () => {
  it.each(['opus', 'default', 'claude-opus-4-5', 'claude-opus-4.5'])(
    'answers with the next model when "%s" names the primary one',
    async (name) => {
      await using gateway = await start('rate_limit');
      const response = await gateway.post(asking(name));
      expect([response.status, response.headers.get('x-moltbot-model')]).toEqual([200, 'claude-haiku-4-5']);
      expect(models(gateway)).toEqual(['claude-opus-4-5 429', 'claude-haiku-4-5 200']);
    },
  );

  it.each<ErrorName>(['rate_limit', 'billing', 'authentication', 'model_denied', 'overloaded'])(
    'helps after %s',
    async (error) => {
      await using gateway = await TestGateway.start({
        profiles: [
          { name: 'first', provider: 'openai' },
          { name: 'first', provider: 'xai' },
        ],
        config: TO_XAI,
        script: { rules: [{ provider: 'openai', fail: { kind: 'error', error } }] },
      });
      const response = await gateway.post(CHAT);
      expect([response.status, response.headers.get('x-moltbot-model')]).toEqual([200, 'grok-4-fast']);
    },
  );

  it.each<[ErrorName, number]>([
    ['server_error', 500],
    ['invalid_request', 400],
    ['not_found', 404],
  ])('does not help after %s', async (error, status) => {
    await using gateway = await start(error);
    expect((await gateway.post(asking('opus'))).status).toBe(status);
    expect(models(gateway)).toEqual([`claude-opus-4-5 ${status}`]);
  });

  it('does not help a request that names another model', async () => {
    await using gateway = await start('rate_limit', {
      script: { rules: [{ model: 'claude-sonnet-*', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    for (const name of ['sonnet', 'claude-sonnet-4-5']) expect((await gateway.post(asking(name))).status).toBe(429);
    expect(models(gateway)).toEqual(['claude-sonnet-4-5 429']);
  });

  it('never puts the fallback’s own refusal in place of the first answer', async () => {
    await using gateway = await start('overloaded', {
      script: {
        rules: [
          { model: 'claude-opus-*', fail: { kind: 'error', error: 'overloaded' } },
          { fail: { kind: 'error', error: 'invalid_request' } },
        ],
      },
    });
    const response = await gateway.post(asking('opus'));
    expect([response.status, response.headers.get('x-moltbot-model')]).toEqual([529, null]);
    expect(models(gateway)).toEqual(['claude-opus-4-5 529', 'claude-haiku-4-5 400']);
  });

  it('streams the fallback’s answer', async () => {
    await using gateway = await start('overloaded');
    const response = await gateway.post({ body: { ...SMALL, model: 'default', stream: true } });
    expect(response.headers.get('x-moltbot-model')).toBe('claude-haiku-4-5');
    expect(await response.text()).toContain('message_stop');
  });

  it('goes to another provider of the same wire format, and passes one by that speaks another', async () => {
    const agents = {
      defaults: { model: { primary: 'openai/gpt-5', fallbacks: ['anthropic/claude-haiku-4-5', 'xai/grok-4-fast'] } },
    };
    await using gateway = await TestGateway.start({
      profiles: ['first', { name: 'first', provider: 'openai' }, { name: 'first', provider: 'xai' }],
      config: { ...CONFIG, agents },
      script: { rules: [{ provider: 'openai', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    const response = await gateway.post(CHAT);
    expect([response.status, response.headers.get('x-moltbot-model')]).toEqual([200, 'grok-4-fast']);
    expect(gateway.simulator.requests.map(({ path, credentials }) => [path, credentials[0]!.name])).toEqual([
      ['/openai/v1/chat/completions', 'first'],
      ['/xai/v1/chat/completions', 'first'],
    ]);
  });

  it('goes only where the access token may go', async () => {
    await using gateway = await TestGateway.start({
      profiles: [
        { name: 'first', provider: 'openai' },
        { name: 'first', provider: 'xai' },
      ],
      config: TO_XAI,
      script: { rules: [{ provider: 'openai', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    const { token } = gateway.tokens.issue({ agentId: 'main', providers: ['openai'], ttlMs: 60_000 }, gateway.now());
    const response = await gateway.post({ ...CHAT, token: token.reveal() });
    expect(response.status).toBe(429);
    expect(gateway.simulator.requests).toHaveLength(1);
  });

  it('is an agent’s own where that agent has one', async () => {
    const list = [{ id: 'reviewer', model: { primary: 'anthropic/claude-sonnet-4-5', fallbacks: [] } }];
    await using gateway = await start('rate_limit', {
      profiles: [{ name: 'own', agentId: 'reviewer' }],
      config: { ...CONFIG, agents: { ...CONFIG.agents, list } },
    });
    const { token } = gateway.issue('reviewer');
    expect((await gateway.post({ ...asking('default'), token })).status).toBe(200);
    expect((await gateway.post({ ...asking('opus'), token })).status).toBe(429);
    expect(models(gateway)).toEqual(['claude-sonnet-4-5 200', 'claude-opus-4-5 429']);
  });

  it('asks the fallback at once while the primary cools down', async () => {
    await using gateway = await start('rate_limit');
    for (let turn = 0; turn < 2; turn++) expect((await gateway.post(asking('opus'))).status).toBe(200);
    expect(models(gateway)).toEqual(['claude-opus-4-5 429', 'claude-haiku-4-5 200', 'claude-haiku-4-5 200']);
  });

  it('says 404 for "default" without a default model', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const response = await gateway.post(asking('default'));
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([404, 'MODEL_NOT_FOUND']);
  });
});
