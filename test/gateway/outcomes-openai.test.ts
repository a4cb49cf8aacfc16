import { describe, expect, it } from 'vitest';
import type { ErrorName, Family } from '../../src/simulator/script-schema.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

type Shape = 'object' | 'code-and-text' | 'text';

const MODELS = { openai: 'gpt-5', xai: 'grok-4-fast', anthropic: '' } as const;

function withFirst(provider: Family, fail: object): Promise<TestGateway> {
  return TestGateway.start({
    profiles: [
      { name: 'first', provider },
      { name: 'second', provider },
    ],
    script: { rules: [{ credential: 'first', fail: fail as never }] },
  });
}

function ask(gateway: TestGateway, provider: Family): Promise<Response> {
  const body = { model: MODELS[provider], max_completion_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] };
  return gateway.post({ path: `${provider}/v1/chat/completions`, body });
}

const ROWS: readonly [ErrorName, number, string, string, string | null][] = [
  // error, status, reason, kind, the model when only it is meant
  ['rate_limit', 429, 'rate_limit', 'cooldown', 'model'],
  ['usage_limit_reached', 429, 'rate_limit', 'cooldown', 'model'],
  ['insufficient_quota', 429, 'billing', 'disabled', null],
  ['spend_limit', 429, 'billing', 'disabled', null],
  ['billing', 402, 'billing', 'disabled', null],
  ['credit_too_low', 400, 'billing', 'disabled', null],
  ['authentication', 401, 'auth', 'cooldown', null],
  ['oauth_revoked', 403, 'auth', 'cooldown', null],
  ['model_not_found', 404, 'model_denied', 'cooldown', 'model'],
  ['model_denied', 403, 'model_denied', 'cooldown', 'model'],
];

describe('OpenAI', () => {
  it.each(ROWS)('%s (%i) moves to the next profile and is stored as %s', async (error, status, reason, kind, scope) => {
    await using gateway = await withFirst('openai', { kind: 'error', error });
    expect((await ask(gateway, 'openai')).status).toBe(200);
    expect(gateway.served()).toEqual([`first ${status}`, 'second 200']);
    expect(gateway.windows()).toMatchObject([
      { profileId: 'openai:first', reason, kind, model: scope && 'gpt-5', httpStatus: status, causedBy: 'main' },
    ]);
    expect(gateway.health.list()[0]!.requestId).toBe(gateway.simulator.requests[0]!.requestId);
  });

  it('reads the duration in x-ratelimit-reset-* of a used-up bucket', async () => {
    const resets = [{ style: 'openai-requests', seconds: 90 }];
    await using gateway = await withFirst('openai', { kind: 'error', error: 'rate_limit', resets });
    expect((await ask(gateway, 'openai')).status).toBe(200);
    expect(gateway.windows()).toMatchObject([{ reason: 'rate_limit', windowSeconds: 90 }]);
  });

  // biome-ignore format: a table reads better in rows
  it.each<[ErrorName, number]>([
    ['overloaded', 503], ['server_error', 500], ['invalid_request', 400], ['prompt_too_long', 400],
    ['permission', 403], ['not_found', 404], ['conflict', 409],
  ])('%s (%i) passes untouched and changes no profile', async (error, status) => {
    await using gateway = await withFirst('openai', { kind: 'error', error });
    const response = await ask(gateway, 'openai');
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([status, null]);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), param: null } });
    expect(gateway.served()).toEqual([`first ${status}`]);
    expect(gateway.states()).toEqual([]);
  });

  it('answers in its own dialect when the connection breaks', async () => {
    await using gateway = await withFirst('openai', { kind: 'reset' });
    const response = await ask(gateway, 'openai');
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([502, 'UPSTREAM_BROKEN']);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringContaining('See: moltbot backend status openai (moltbot request '),
        type: 'server_error',
        param: null,
        code: 'upstream_broken',
      },
    });
  });
});

describe.each<Shape>(['object', 'code-and-text', 'text'])('xAI’s error shape %s', (shape) => {
  it.each<[ErrorName, number, string, string | null]>([
    ['rate_limit', 429, 'rate_limit', 'grok-4-fast'],
    ['insufficient_quota', 429, 'billing', null],
    ['authentication', 401, 'auth', null],
    ['model_not_found', 404, 'model_denied', 'grok-4-fast'],
  ])('%s (%i) moves on and is stored', async (error, status, reason, model) => {
    await using gateway = await withFirst('xai', { kind: 'error', error, shape });
    expect((await ask(gateway, 'xai')).status).toBe(200);
    expect(gateway.served()).toEqual([`first ${status}`, 'second 200']);
    expect(gateway.windows()).toMatchObject([{ profileId: 'xai:first', reason, model, httpStatus: status }]);
  });

  it('a wrong key that is answered 400 counts as a refused credential', async () => {
    await using gateway = await withFirst('xai', { kind: 'error', error: 'authentication', status: 400, shape });
    expect((await ask(gateway, 'xai')).status).toBe(200);
    expect(gateway.states()).toEqual(['xai:first auth']);
  });

  it('400 passes untouched and changes no profile', async () => {
    await using gateway = await withFirst('xai', { kind: 'error', error: 'invalid_request', shape });
    const response = await ask(gateway, 'xai');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("Invalid type for 'messages'.");
    expect([gateway.served(), gateway.states()]).toEqual([['first 400'], []]);
  });
});
