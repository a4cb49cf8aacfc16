import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../../src/simulator/received.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const HAIKU = 'anthropic/claude-haiku-4-5';
const CLIENT_BETA = 'context-1m-2025-08-07';
const CACHE_BETA = 'extended-cache-ttl-2025-04-11';
const OAUTH_BETA = 'oauth-2025-04-20';
const CLAUDE_CODE = { 'x-app': 'cli' };

const MARKED =
  '{"model":"claude-haiku-4-5", "max_tokens":20,"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],\n' +
  ' "messages":[{"role":"user","content":[{"type":"text","text":"é","cache_control":{"type":"ephemeral"}}]}]}';

const withParams = (params: object) => ({ agents: { defaults: { models: { [HAIKU]: { params } } } } });
const withProvider = (settings: object) => ({ models: { providers: { anthropic: settings } } });

/** The values of a header as they went upstream. */
function header(request: ReceivedRequest | undefined, name: string): string[] {
  const { rawHeaders } = request!;
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);
}

const bodyOf = (gateway: TestGateway) => JSON.parse(gateway.simulator.requests.at(-1)!.body.toString()) as object;

describe('cacheControlTtl', () => {
  it('marks what has no lifetime, and sends the beta once beside the client’s own', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: withParams({ cacheControlTtl: '1h' }),
    });
    expect((await gateway.post({ body: MARKED, headers: { 'anthropic-beta': CLIENT_BETA } })).status).toBe(200);
    const [request] = gateway.simulator.requests;
    expect(request!.body.toString()).toBe(
      MARKED.replaceAll('{"type":"ephemeral"}', (mark) => mark.replace('}', ',"ttl":"1h"}')),
    );
    expect(header(request, 'anthropic-beta')).toEqual([`${CLIENT_BETA},${CACHE_BETA}`]);
  });

  it('touches neither body nor betas of a token', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'mine', type: 'token' }],
      config: withParams({ cacheControlTtl: '1h' }),
    });
    const headers = { ...CLAUDE_CODE, 'anthropic-beta': CLIENT_BETA };
    expect((await gateway.post({ body: MARKED, headers })).status).toBe(200);
    const [request] = gateway.simulator.requests;
    expect(request!.body.toString()).toBe(MARKED);
    expect(header(request, 'anthropic-beta')).toEqual([`${CLIENT_BETA},${OAUTH_BETA}`]);
  });

  it('does not touch a compressed body, which goes on as it is with its model read', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: withParams({ cacheControlTtl: '1h', temperature: 0.5 }),
    });
    const body = gzipSync(MARKED);
    const answer = await gateway.send('/v1/proxy/anthropic/v1/messages', {
      headers: { 'content-encoding': 'gzip', 'anthropic-version': '2023-06-01' },
      body,
    });
    expect(answer.status).toBe(200);
    const [request] = gateway.simulator.requests;
    expect(request!.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
    expect(header(request, 'content-encoding')).toEqual(['gzip']);
    expect(gateway.logLines.some((line) => line.includes('"model":"claude-haiku-4-5"'))).toBe(true);
  });
});

describe('with nothing configured', () => {
  it('the body is the client’s, also with marks, and API keys carry the beta once', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    await gateway.post({ body: MARKED });
    await gateway.post({ body: MARKED, headers: { 'anthropic-beta': `${CACHE_BETA},${CLIENT_BETA}` } });
    const sha256 = createHash('sha256').update(MARKED).digest('hex');
    expect(gateway.simulator.requests.map(({ bodySha256 }) => bodySha256)).toEqual([sha256, sha256]);
    expect(gateway.simulator.requests.map((request) => header(request, 'anthropic-beta'))).toEqual([
      [CACHE_BETA],
      [`${CACHE_BETA},${CLIENT_BETA}`],
    ]);
  });

  it('unknown headers pass, the version is the client’s or the default, and identity is asked for', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const send = (headers: Record<string, string>) =>
      gateway.send('/v1/proxy/anthropic/v1/messages', { headers, body: JSON.stringify(SMALL) });
    await send({ 'x-stainless-lang': 'js', 'accept-encoding': 'gzip, br', 'x-moltbot-label-run': '7' });
    await send({ 'anthropic-version': '2024-10-22' });
    const [first, second] = gateway.simulator.requests;
    expect(header(first, 'x-stainless-lang')).toEqual(['js']);
    expect(header(first, 'accept-encoding')).toEqual(['identity']);
    expect(header(first, 'x-moltbot-label-run')).toEqual([]);
    expect(header(first, 'anthropic-version')).toEqual(['2023-06-01']);
    expect(header(second, 'anthropic-version')).toEqual(['2024-10-22']);
  });
});

describe('settings of a provider', () => {
  it('betas: [] removes ours and leaves the client’s', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: withProvider({ betas: [] }) });
    await gateway.post();
    await gateway.post({ headers: { 'anthropic-beta': CLIENT_BETA } });
    expect(gateway.simulator.requests.map((request) => header(request, 'anthropic-beta'))).toEqual([[], [CLIENT_BETA]]);
  });

  it('headers replace the client’s; a beta is added, or replaces and keeps the cache one', async () => {
    const added = withProvider({ headers: { 'x-team': 'blue', 'anthropic-beta': 'mine-2026-01-01' } });
    await using gateway = await TestGateway.start({ profiles: ['first'], config: added });
    const headers = { 'x-team': 'red', 'anthropic-beta': CLIENT_BETA };
    await gateway.post({ headers });
    gateway.writeConfig(withProvider({ headers: { 'anthropic-beta': { replace: 'mine-2026-01-01' } } }));
    await expect
      .poll(async () => {
        await gateway.post({ headers });
        return header(gateway.simulator.requests.at(-1), 'anthropic-beta');
      })
      .toEqual([`mine-2026-01-01,${CACHE_BETA}`]);
    const [first] = gateway.simulator.requests;
    expect(header(first, 'x-team')).toEqual(['blue']);
    expect(header(first, 'anthropic-beta')).toEqual([`${CLIENT_BETA},mine-2026-01-01,${CACHE_BETA}`]);
  });
});

describe('params of a model', () => {
  const PARAMS = withParams({ temperature: 0.25, maxTokens: 64, headers: { 'x-tier': 'low' } });
  const { model, messages } = SMALL;

  it('fill what the client left out', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: PARAMS });
    expect((await gateway.post({ body: { model, messages } })).status).toBe(200);
    expect(bodyOf(gateway)).toEqual({ model, messages, max_tokens: 64, temperature: 0.25 });
    expect(header(gateway.simulator.requests[0], 'x-tier')).toEqual(['low']);
  });

  it('never override what the client said', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: PARAMS });
    const body = { ...SMALL, temperature: 1 };
    await gateway.post({ body, headers: { 'x-tier': 'high' } });
    expect(bodyOf(gateway)).toEqual(body);
    expect(header(gateway.simulator.requests[0], 'x-tier')).toEqual(['high']);
  });

  it('do not sample where it would be refused: with thinking on, or for the newer API', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: PARAMS });
    await gateway.post({ body: { ...SMALL, thinking: { type: 'enabled', budget_tokens: 1024 } } });
    expect(bodyOf(gateway)).not.toHaveProperty('temperature');
    await gateway.post({ headers: { 'anthropic-version': '2026-10-21' } });
    expect(bodyOf(gateway)).not.toHaveProperty('temperature');
  });

  it('are not filled into a count of tokens', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: PARAMS });
    await gateway.post({ path: 'anthropic/v1/messages/count_tokens', body: { model, messages } });
    expect(bodyOf(gateway)).toEqual({ model, messages });
  });

  it('lower the bound of an answer to maxOutputTokens, and change no other byte', async () => {
    const config = withParams({ maxOutputTokens: 1_000 });
    await using gateway = await TestGateway.start({ profiles: ['first'], config });
    const body = JSON.stringify({ ...SMALL, max_tokens: 128_000 }, undefined, 1);
    expect((await gateway.post({ body })).status).toBe(200);
    expect(gateway.simulator.requests[0]!.body.toString()).toBe(body.replace('128000', '1000'));
  });

  it('bound a chat answer by the field its provider knows', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', provider: 'openai' }],
      config: { agents: { defaults: { models: { 'openai/gpt-5': { params: { maxTokens: 64 } } } } } },
    });
    await gateway.post({ path: 'openai/v1/chat/completions', body: { model: 'gpt-5', messages } });
    await gateway.post({ path: 'openai/v1/responses', body: { model: 'gpt-5', input: 'Hi' } });
    expect(gateway.simulator.requests.map(({ body }) => JSON.parse(body.toString()) as object)).toEqual([
      { model: 'gpt-5', messages, max_completion_tokens: 64 },
      { model: 'gpt-5', input: 'Hi', max_output_tokens: 64 },
    ]);
  });
});

describe('the name of a model', () => {
  const CONFIG = {
    agents: {
      defaults: {
        model: { primary: HAIKU },
        models: { [HAIKU]: { alias: 'fast' } },
        features: { title: { model: 'anthropic/claude-sonnet-4-5' } },
      },
      list: [{ id: 'reviewer', model: { primary: 'anthropic/claude-opus-4-5' } }],
    },
  };
  const TITLE = { 'x-moltbot-label-feature': 'title' };

  it.each<[string, Record<string, string>, string]>([
    ['fast', {}, 'claude-haiku-4-5'],
    ['default', {}, 'claude-haiku-4-5'],
    ['claude-opus-4.7', {}, 'claude-opus-4-7'],
    ['claude-opus-4-7', {}, 'claude-opus-4-7'],
    ['default', TITLE, 'claude-sonnet-4-5'],
    ['fast', TITLE, 'claude-sonnet-4-5'],
    ['claude-opus-4-7', TITLE, 'claude-opus-4-7'],
    ['default', { 'x-moltbot-label-feature': 'unknown' }, 'claude-haiku-4-5'],
  ])('%s with %o goes upstream as %s', async (model, headers, wireModel) => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: CONFIG });
    const body = JSON.stringify({ ...SMALL, model });
    expect((await gateway.post({ body, headers })).status).toBe(200);
    expect(gateway.simulator.requests[0]!.body.toString()).toBe(body.replace(`"${model}"`, `"${wireModel}"`));
  });

  it('means another model to an agent with its own default', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'own', agentId: 'reviewer' }], config: CONFIG });
    await gateway.post({ body: { ...SMALL, model: 'default' }, token: gateway.issue('reviewer').token });
    expect(gateway.simulator.requests[0]!.model).toBe('claude-opus-4-5');
  });

  it.each([
    ['a number', '7'],
    ['null', 'null'],
    ['an object', '{"a":1}'],
    ['empty', '""'],
  ])('that is %s is the provider’s to refuse', async (_what, json) => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: CONFIG });
    const body = `{"model":${json},"max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}`;
    const response = await gateway.post({ body });
    expect(response.headers.get('x-moltbot-error')).toBeNull();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(gateway.simulator.requests[0]!.body.toString()).toBe(body);
    expect(gateway.states()).toEqual([]);
  });

  it.each([
    ['twice', '{"model":"a","model":"b","messages":[]}'],
    ['twice, escaped', '{"model":"a","mod\\u0065l":"b"}'],
  ])('that stands there %s is refused before anybody is asked', async (_what, body) => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: CONFIG });
    const response = await gateway.post({ body });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([400, 'DUPLICATE_FIELDS']);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('in a body that is no JSON is the provider’s to refuse', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], config: CONFIG });
    const response = await gateway.post({ body: '{"model": "fast", "messages": [' });
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([400, null]);
    expect(gateway.states()).toEqual([]);
  });
});
