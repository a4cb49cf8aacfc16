import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ErrorName } from '../../src/simulator/script-schema.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

type Fail = NonNullable<NonNullable<Parameters<TestGateway['simulator']['addRules']>[0]>['fail']>;

/** Two profiles, of which the first gets `fail` for ever. */
function withFirst(fail: Fail): Promise<TestGateway> {
  return TestGateway.start({ profiles: ['first', 'second'], script: { rules: [{ credential: 'first', fail }] } });
}

const error = (name: ErrorName, more: object = {}): Fail => ({ kind: 'error', error: name, ...more });
const resetsIn = (style: string, seconds: number) => ({ resets: [{ style, seconds }] });

interface Row {
  readonly says: string;
  readonly fail: Fail;
  readonly status: number;
  readonly state: { reason: string; kind: string; model: string | null; errorType: string; windowSeconds: number };
}

const MODEL = 'claude-haiku-4-5';
const limited = { reason: 'rate_limit', kind: 'cooldown', model: MODEL, errorType: 'rate_limit_error' };
const disabled = { reason: 'billing', kind: 'disabled', model: null, windowSeconds: 18_000 };
const refused = { reason: 'auth', kind: 'cooldown', model: null, windowSeconds: 60 };
const denied = { reason: 'model_denied', kind: 'cooldown', model: MODEL, windowSeconds: 300 };

// biome-ignore format: a table reads better in rows
const NEXT: readonly Row[] = [
  { says: '429 with retry-after', fail: error('rate_limit', resetsIn('retry-after', 120)), status: 429, state: { ...limited, windowSeconds: 120 } },
  { says: '429 with retry-after as a date', fail: error('rate_limit', resetsIn('retry-after-date', 240)), status: 429, state: { ...limited, windowSeconds: 240 } },
  { says: '429 with retry-after-ms', fail: error('rate_limit', resetsIn('retry-after-ms', 30)), status: 429, state: { ...limited, windowSeconds: 30 } },
  { says: '429 with a used-up bucket', fail: error('rate_limit', resetsIn('anthropic-tokens', 90)), status: 429, state: { ...limited, windowSeconds: 90 } },
  { says: '429 that asks for more than an hour', fail: error('rate_limit', resetsIn('retry-after', 90_000)), status: 429, state: { ...limited, windowSeconds: 3_600 } },
  { says: '429 without a time', fail: error('rate_limit'), status: 429, state: { ...limited, windowSeconds: 60 } },
  { says: '429 of a used-up subscription window', fail: error('rate_limit', resetsIn('unified-seven-day', 200_000)), status: 429, state: { ...limited, model: null, windowSeconds: 200_000 } },
  { says: '429 with a spend-limit code', fail: error('spend_limit'), status: 429, state: { ...disabled, errorType: 'rate_limit_error' } },
  { says: '402', fail: error('billing'), status: 402, state: { ...disabled, errorType: 'billing_error' } },
  { says: '400 "credit balance is too low"', fail: error('credit_too_low'), status: 400, state: { ...disabled, errorType: 'invalid_request_error' } },
  { says: '402 that names an earlier end', fail: error('billing', resetsIn('retry-after', 600)), status: 402, state: { ...disabled, errorType: 'billing_error', windowSeconds: 600 } },
  { says: '401', fail: error('authentication'), status: 401, state: { ...refused, errorType: 'authentication_error' } },
  { says: '403 of a revoked credential', fail: error('oauth_revoked'), status: 403, state: { ...refused, errorType: 'permission_error' } },
  { says: '404 model not found', fail: error('model_not_found'), status: 404, state: { ...denied, errorType: 'not_found_error' } },
  { says: '403 no access to the model', fail: error('model_denied'), status: 403, state: { ...denied, errorType: 'permission_error' } },
];

describe('what an answer means for the profile that got it', () => {
  it.each(NEXT)('$says moves the request to the next profile and is stored', async ({ fail, status, state }) => {
    await using gateway = await withFirst(fail);
    const response = await gateway.post();
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([200, null]);
    expect(gateway.served()).toEqual([`first ${status}`, 'second 200']);
    const outcome = { rate_limit: 'rate_limited' }[state.reason] ?? state.reason;
    expect(gateway.windows()).toEqual([
      {
        agentId: 'main',
        profileId: 'anthropic:first',
        outcome,
        httpStatus: status,
        requestId: gateway.simulator.requests[0]!.requestId,
        causedBy: 'main',
        rung: 0,
        failuresInARow: 1,
        changedBy: 'gateway',
        ...state,
      },
    ]);
  });

  it('400 "only authorized for use with Claude Code" moves on and leaves no trace', async () => {
    await using gateway = await withFirst(error('wrong_client'));
    expect((await gateway.post()).status).toBe(200);
    expect(gateway.served()).toEqual(['first 400', 'second 200']);
    expect(gateway.states()).toEqual([]);
  });

  // biome-ignore format: a table reads better in rows
  it.each<[ErrorName, number]>([
    ['overloaded', 529], ['unavailable', 503], ['server_error', 500], ['bad_gateway_html', 502], ['timeout', 504],
    ['invalid_request', 400], ['prompt_too_long', 400], ['permission', 403], ['not_found', 404], ['conflict', 409], ['too_large', 413],
  ])('%s (%i) passes untouched, is asked once, and changes no profile', async (name, status) => {
    await using gateway = await withFirst(error(name, { headers: { 'x-own': 'kept', 'retry-after': '7' } }));
    const response = await gateway.post();
    expect(response.status).toBe(status);
    expect(response.headers.get('request-id')).toBe(gateway.simulator.requests[0]!.requestId);
    expect([response.headers.get('x-own'), response.headers.get('retry-after')]).toEqual(['kept', '7']);
    expect(response.headers.get('x-moltbot-error')).toBeNull();
    const text = await response.text();
    if (status === 502) expect(text).toContain('<h1>Bad Gateway</h1>');
    else expect(JSON.parse(text)).toMatchObject({ type: 'error', request_id: gateway.simulator.requests[0]!.requestId });
    expect(gateway.served()).toEqual([`first ${status}`]);
    expect(gateway.states()).toEqual([]);
  });

  it('a connection that breaks after the request was sent is never repeated', async () => {
    await using gateway = await withFirst({ kind: 'reset' });
    const response = await gateway.post();
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([502, 'UPSTREAM_BROKEN']);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'api_error', message: expect.stringContaining('moltbot backend status anthropic') },
    });
    expect(gateway.served()).toEqual(['first nothing']);
    expect(gateway.states()).toEqual([]);
  });

  it('a connection that cannot be made is tried once more, then 502 names provider and origin', async () => {
    let connections = 0;
    const door = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const { port } = door.address() as { port: number };
    const origin = `https://127.0.0.1:${port}`;
    await using gateway = await TestGateway.start({
      config: { models: { providers: { anthropic: { baseUrl: origin } } } },
      env: { ANTHROPIC_API_KEY: `sk-ant-sim-${'a'.repeat(40)}` },
    });
    const response = await gateway.post();
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([502, 'PROVIDER_UNREACHABLE']);
    expect(await response.text()).toContain(`anthropic cannot be reached at ${origin}.`);
    expect(connections).toBe(2);
    door.close();
  });

  it('a client that leaves changes no profile and cancels upstream within a second', async () => {
    await using gateway = await withFirst({ kind: 'silence' });
    const leaving = new AbortController();
    const request = gateway.post({ signal: leaving.signal }).catch(() => 'left');
    await expect.poll(() => gateway.served()).toEqual(['first nothing']);
    leaving.abort();
    expect(await request).toBe('left');
    await expect.poll(() => gateway.simulator.requests[0]!.closedEarly, { timeout: 2_000 }).toBe(true);
    expect(gateway.states()).toEqual([]);
  });

  it('a success after the window clears the state', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ first: 1, fail: error('rate_limit', resetsIn('retry-after', 120)) }] },
    });
    expect((await gateway.post()).status).toBe(429);
    expect(gateway.states()).toEqual([`anthropic:first rate_limit ${MODEL}`]);
    gateway.move(120_000);
    expect((await gateway.post()).status).toBe(200);
    expect(gateway.states()).toEqual([]);
  });

  it('a model that nobody has ends in the provider’s own 404 and leaves no trace', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'] });
    const response = await gateway.post({ body: { ...SMALL, model: 'claude-nobody' } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { type: 'not_found_error', message: 'model: claude-nobody' },
    });
    expect(gateway.served()).toEqual(['first 404', 'second 404']);
    expect(gateway.states()).toEqual([]);
  });

  it.each(['messages/count_tokens', 'messages/batches'])('a limit on %s says nothing about health', async (route) => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.simulator.addRules({ fail: error('rate_limit', resetsIn('retry-after', 120)) });
    const method = route.endsWith('batches') ? 'GET' : 'POST';
    const body =
      method === 'POST' ? JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }) : undefined;
    const answer = await gateway.send(`/v1/proxy/anthropic/v1/${route}`, {
      method,
      headers: { 'anthropic-version': '2023-06-01' },
      ...(body !== undefined && { body }),
    });
    expect(answer.status).toBe(429);
    expect(gateway.states()).toEqual([]);
  });

  it('a refused credential is news also on a side call', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: error('authentication') }] },
    });
    const answer = await gateway.send('/v1/proxy/anthropic/v1/models', { method: 'GET' });
    expect(answer.status).toBe(401);
    expect(gateway.states()).toEqual(['anthropic:first auth']);
  });
});
