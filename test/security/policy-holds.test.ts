import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/agents/policy.ts';
import { tokenOf } from '../fakes/gateway-agents.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const HAIKU: Policy = { models: ['anthropic/claude-haiku-4-5', 'openai/gpt-5-mini'] };
const OPUS = 'claude-opus-4-5';
const CONFIG = {
  models: { providers: { anthropic: { allowRoutes: ['experimental/render'] } } },
  agents: {
    defaults: {
      model: { primary: `anthropic/${OPUS}` },
      models: {
        'anthropic/claude-haiku-4-5': { alias: 'quick' },
        [`anthropic/${OPUS}`]: { alias: 'best' },
        // An alias that has the name of another model.
        'openai/gpt-5-mini': { alias: 'gpt-5' },
      },
      features: { title: { model: `anthropic/${OPUS}` } },
    },
  },
};

/** A gateway with an agent that is limited to two models, and what it may ask in every way that comes to mind. */
async function limited(policy: Policy = HAIKU) {
  const gateway = await TestGateway.start({
    profiles: (['anthropic', 'openai'] as const).map((provider) => ({ name: provider, provider, agentId: 'narrow' })),
    config: CONFIG,
  });
  gateway.agents.change('narrow', { policy });
  const token = tokenOf(gateway, 'narrow');
  const ask = async (options: Parameters<TestGateway['post']>[0] & { raw?: Buffer } = {}) => {
    const response = await gateway.post({ ...options, token });
    await response.arrayBuffer();
    return `${response.status} ${response.headers.get('x-moltbot-error') ?? 'served'}`;
  };
  return { gateway, token, ask, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

const text = (model: string) => JSON.stringify({ ...SMALL, model });
const withModel = (fields: string) => `{${fields},"max_tokens":20,"messages":[{"role":"user","content":"Hi"}]}`;
const REFUSED = '403 MODEL_NOT_ALLOWED';

describe.concurrent('a limit on models', () => {
  it.each([
    ['its own name', text(OPUS), REFUSED],
    ['a dotted spelling', text('claude-opus-4.5'), REFUSED],
    ['other letter case', text('Claude-Opus-4-5'), REFUSED],
    ['Claude Code’s context mark', text(`${OPUS}[1m]`), REFUSED],
    ['an alias', text('best'), REFUSED],
    ['"default"', text('default'), REFUSED],
    ['a space', text(` ${OPUS}`), REFUSED],
    ['a space beside an allowed one', text('claude-haiku-4-5 '), REFUSED],
    ['a look-alike letter', text('claude-hаiku-4-5'), REFUSED],
    ['a full-width letter', text('claude-ｈaiku-4-5'), REFUSED],
    ['a zero-width mark', text('claude-haiku-4-5\u200b'), REFUSED],
    ['a provider before it', text(`anthropic/${OPUS}`), REFUSED],
    ['an empty name', text(''), REFUSED],
    ['no name', withModel('"stream":false'), REFUSED],
    ['null', withModel('"model":null'), REFUSED],
    ['a list', withModel(`"model":["claude-haiku-4-5","${OPUS}"]`), REFUSED],
    ['an object', withModel(`"model":{"id":"${OPUS}"}`), REFUSED],
    ['a very long name', text(`${OPUS}${' '.repeat(20_000)}`), REFUSED],
    ['a key in other letter case', withModel(`"Model":"${OPUS}"`), REFUSED],
    ['two keys', withModel(`"model":"claude-haiku-4-5","model":"${OPUS}"`), '400 DUPLICATE_FIELDS'],
    ['two keys, one escaped', withModel(`"model":"claude-haiku-4-5","mod\\u0065l":"${OPUS}"`), '400 DUPLICATE_FIELDS'],
    ['two keys, one in capitals', withModel(`"model":"claude-haiku-4-5","MODEL":"${OPUS}"`), '400 DUPLICATE_FIELDS'],
    ['an escaped key and value', withModel('"mod\\u0065l":"claude-\\u006fpus-4-5"'), REFUSED],
    [
      'a tool that asks a model',
      withModel(`"model":"claude-haiku-4-5","tools":[{"name":"a","model":"${OPUS}"}]`),
      REFUSED,
    ],
    ['a tool, in capitals', withModel(`"model":"claude-haiku-4-5","tools":[{"name":"a","MODEL":"${OPUS}"}]`), REFUSED],
    [
      'a list of replacements',
      withModel(`"model":"claude-haiku-4-5","models":["claude-haiku-4-5","${OPUS}"]`),
      REFUSED,
    ],
    ['fallbacks as objects', withModel(`"model":"claude-haiku-4-5","fallbacks":[{"model":"${OPUS}"}]`), REFUSED],
    ['a body that is no JSON', `model=${OPUS}`, REFUSED],
    ['JSON with something behind it', `${text('claude-haiku-4-5')}${text(OPUS)}`, REFUSED],
    ['an array of requests', `[${text(OPUS)}]`, REFUSED],
  ])('holds against %s, and nothing reaches the provider', async (_what, body, expected) => {
    await using narrow = await limited();
    expect(await narrow.ask({ body })).toBe(expected);
    for (const path of [
      'anthropic/messages',
      'anthropic/v1/v1/messages',
      'anthropic/v1/messages/count_tokens?beta=true',
    ])
      expect(await narrow.ask({ path, body })).toBe(expected);
    expect(narrow.gateway.served()).toEqual([]);
  });

  it.each([
    ['claude-haiku-4-5', 'claude-haiku-4-5'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4-5-20251001'],
    ['claude-haiku-4.5', 'claude-haiku-4-5'],
    ['CLAUDE-HAIKU-4-5[1m]', 'claude-haiku-4-5'],
    ['quick', 'claude-haiku-4-5'],
  ])('lets "%s" through, and the provider gets %s', async (model, forwarded) => {
    await using narrow = await limited();
    expect(await narrow.ask({ body: text(model) })).toBe('200 served');
    expect(narrow.gateway.simulator.requests.map((request) => request.model)).toEqual([forwarded]);
  });

  it('is not got round by a feature label', async () => {
    await using narrow = await limited();
    const headers = { 'x-moltbot-label-feature': 'title' };
    expect(await narrow.ask({ body: text('quick'), headers })).toBe(REFUSED);
  });

  it('is not got round by a name in the query', async () => {
    await using narrow = await limited();
    expect(await narrow.ask({ path: `anthropic/v1/messages?model=${OPUS}` })).toBe(REFUSED);
  });

  it('judges a compressed body by what the provider will read, alias or not', async () => {
    await using narrow = await limited();
    const send = async (path: string, body: string, encoding = 'gzip') => {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      const answer = await narrow.gateway.send(path, { token: narrow.token, headers, body: gzipSync(body) });
      return `${answer.status} ${answer.headers['x-moltbot-error'] ?? 'served'}`;
    };
    const messages = '/v1/proxy/anthropic/v1/messages';
    expect(await send(messages, text(OPUS))).toBe(REFUSED);
    expect(await send(messages, text('claude-haiku-4-5'), 'unknown')).toBe(REFUSED);
    const chat = JSON.stringify({ model: 'gpt-5', messages: SMALL.messages });
    // "gpt-5" is an alias of an allowed model, but nothing can be written into compressed bytes.
    expect(await send('/v1/proxy/openai/v1/chat/completions', chat)).toBe(REFUSED);
    expect(narrow.gateway.served()).toEqual([]);
    const plain = await narrow.ask({ path: 'openai/v1/chat/completions', body: chat });
    expect([plain, narrow.gateway.simulator.requests[0]!.model]).toEqual(['200 served', 'gpt-5-mini']);
  });

  it('judges a route that is passed on as it is by the client’s own word', async () => {
    await using narrow = await limited();
    const embed = (model: string) => narrow.ask({ path: 'openai/v1/embeddings', body: { model, input: 'a' } });
    expect(await embed('gpt-5')).toBe(REFUSED);
    expect(await embed('text-embedding-3-small')).toBe(REFUSED);
  });
});

const batch = (...models: (string | undefined)[]) =>
  JSON.stringify({ requests: models.map((model, at) => ({ custom_id: `r${at}`, params: { ...SMALL, model } })) });

describe.concurrent('a limit on models in a batch', () => {
  it.each([
    ['one request of many', batch('claude-haiku-4-5', OPUS, 'claude-haiku-4-5'), REFUSED],
    ['a request without a model', batch('claude-haiku-4-5', undefined), REFUSED],
    ['no requests', batch(), REFUSED],
    ['requests under another name', `{"Requests":[{"params":${text(OPUS)}}]}`, REFUSED],
    [
      'two lists of requests',
      `{"requests":[{"params":${text('claude-haiku-4-5')}}],"requests":[{"params":${text(OPUS)}}]}`,
      '400 DUPLICATE_FIELDS',
    ],
    [
      'two params',
      `{"requests":[{"params":${text('claude-haiku-4-5')},"params":${text(OPUS)}}]}`,
      '400 DUPLICATE_FIELDS',
    ],
    [
      'params in capitals',
      `{"requests":[{"params":${text('claude-haiku-4-5')},"Params":${text(OPUS)}}]}`,
      '400 DUPLICATE_FIELDS',
    ],
    [
      'two models',
      `{"requests":[{"params":{"model":"claude-haiku-4-5","m\\u006fdel":"${OPUS}"}}]}`,
      '400 DUPLICATE_FIELDS',
    ],
    ['an alias, which a batch does not know', batch('best'), REFUSED],
    [
      'a tool that asks a model',
      `{"requests":[{"params":{"model":"claude-haiku-4-5","tools":[{"model":"${OPUS}"}]}}]}`,
      REFUSED,
    ],
    ['a body that is no JSON', 'requests', REFUSED],
  ])('holds against %s', async (_what, body, expected) => {
    await using narrow = await limited({ ...HAIKU, routes: ['batches'] });
    expect(await narrow.ask({ path: 'anthropic/v1/messages/batches', body })).toBe(expected);
    expect(narrow.gateway.served()).toEqual([]);
  });

  it('lets a batch of allowed models through', async () => {
    await using narrow = await limited();
    const body = batch('claude-haiku-4-5', 'claude-haiku-4-5-20251001');
    expect(await narrow.ask({ path: 'anthropic/v1/messages/batches', body })).toBe('200 served');
  });

  it('asks for the route by name where the models stand in a file that nobody reads here', async () => {
    const body = { input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h' };
    const upload = {
      path: 'openai/v1/files',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x--',
    };
    await using narrow = await limited();
    expect(await narrow.ask({ path: 'openai/v1/batches', body })).toBe('403 ROUTE_NOT_ALLOWED');
    expect(await narrow.ask(upload)).toBe('403 ROUTE_NOT_ALLOWED');
    expect(await narrow.ask({ path: 'anthropic/v1/experimental/render', body: {} })).toBe('403 ROUTE_NOT_ALLOWED');
    await using named = await limited({ ...HAIKU, routes: ['batches', 'files'] });
    for (const request of [{ path: 'openai/v1/batches', body }, upload]) {
      expect(await named.ask(request)).not.toContain('403');
    }
  });
});

describe.concurrent('a limit on routes', () => {
  it.each([
    ['anthropic/v1/messages', SMALL],
    ['anthropic/v1/v1/messages', SMALL],
    ['anthropic/messages', SMALL],
    ['openai/v1/chat/completions', { model: 'gpt-5', messages: SMALL.messages }],
    ['openai/v1/responses', { model: 'gpt-5', input: 'Hi' }],
  ])('holds on %s', async (path, body) => {
    await using narrow = await limited({ routes: ['count', 'files'] });
    expect(await narrow.ask({ path, body })).toBe('403 ROUTE_NOT_ALLOWED');
    expect(narrow.gateway.served()).toEqual([]);
  });

  it('holds for a token whose agent has none', async () => {
    await using narrow = await limited({});
    const token = tokenOf(narrow.gateway, 'narrow', {}, { policy: { routes: ['count'] } });
    const response = await narrow.gateway.post({ token });
    expect([response.status, response.headers.get('x-moltbot-gate')]).toEqual([403, 'route']);
  });
});

it('an alias never leads to a provider that the token is not for', async () => {
  await using gateway = await TestGateway.start({
    profiles: [
      { name: 'openai', provider: 'openai' },
      { name: 'xai', provider: 'xai' },
    ],
    config: { agents: { defaults: { models: { 'xai/grok-4-fast': { alias: 'fast' } } } } },
  });
  const token = tokenOf(gateway, 'main', {}, { providers: ['openai'] });
  const response = await gateway.post({ token, path: 'openai/v1/chat/completions', body: { ...SMALL, model: 'fast' } });
  expect([response.status, response.headers.get('x-moltbot-gate')]).toEqual([403, 'provider:xai']);
});
