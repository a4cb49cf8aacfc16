import { describe, expect, it } from 'vitest';
import { TestGateway } from '../fakes/test-gateway.ts';
import { ANSWER, type Rule, seenAs } from './machine.ts';
import { runSdk } from './sdk.ts';

const CHAT = { value: { text: ANSWER, finish_reason: 'stop' } };
const RESPONSE = { value: { text: ANSWER, status: 'completed' } };
const RESPONSE_STREAM = { value: { first: 'response.created', last: 'response.completed' } };
const STORED = { value: { isFound: true, next: 'completed' } };
const FILE = { value: { filename: 'big.jsonl', bytes: 3_000_000, batch: true, deleted: true } };

type Provider = 'openai' | 'xai';
const PROVIDERS = ['openai', 'xai'] as const;
const MODELS = { openai: 'gpt-5', xai: 'grok-4-fast' };

const profilesOf = (provider: Provider) => [
  { provider, name: 'first' },
  { provider, name: 'second' },
];
const environment = ({ url, token }: TestGateway, provider: Provider, suffix = '/v1') => ({
  OPENAI_BASE_URL: `${url}/v1/proxy/${provider}${suffix}`,
  OPENAI_API_KEY: token,
  MODEL: MODELS[provider],
});
const failing = (provider: Provider, fail: Rule['fail']) => ({
  profiles: profilesOf(provider),
  script: { rules: [{ fail }] },
});

describe.each(PROVIDERS)('the openai SDK at %s', (provider) => {
  it('chats, asks for responses, streams both, and handles files through the gateway', async () => {
    await using gateway = await TestGateway.start({ profiles: profilesOf(provider) });
    const operations = ['chat', 'chatStream', 'response', 'responseStream', 'stored', 'file'];
    const outcomes = await runSdk('openai-sdk', operations, environment(gateway, provider));
    expect(outcomes).toEqual([CHAT, CHAT, RESPONSE, RESPONSE_STREAM, STORED, FILE]);
    const senders = gateway.simulator.requests.flatMap(({ credentials }) => credentials);
    expect(new Set(senders.map(({ header, name }) => `${header} ${name}`))).toEqual(new Set(['authorization first']));
  });

  it('lists the provider’s models', async () => {
    await using gateway = await TestGateway.start({ profiles: profilesOf(provider) });
    const [models] = await runSdk('openai-sdk', ['models'], environment(gateway, provider));
    expect(models?.value).toContain(MODELS[provider]);
  });

  it.each(['', '/v1', '/v1/v1'])('takes a base URL that ends in "%s"', async (suffix) => {
    await using gateway = await TestGateway.start({ profiles: profilesOf(provider) });
    const outcomes = await runSdk('openai-sdk', ['chat', 'responseStream'], environment(gateway, provider, suffix));
    expect(outcomes).toEqual([CHAT, RESPONSE_STREAM]);
    const paths = gateway.simulator.requests.map(({ path }) => path);
    expect(paths).toEqual([`/${provider}/v1/chat/completions`, `/${provider}/v1/responses`]);
  });

  it('does not notice that the first profile is rate limited', async () => {
    const fail: Rule['fail'] = { kind: 'error', error: 'rate_limit' };
    const script = { rules: [{ credential: 'first', fail }] };
    await using gateway = await TestGateway.start({ profiles: profilesOf(provider), script });
    const outcomes = await runSdk('openai-sdk', ['chat', 'responseStream'], environment(gateway, provider));
    expect(outcomes).toEqual([CHAT, RESPONSE_STREAM]);
    expect(gateway.simulator.requests.map(seenAs)).toEqual([
      'first whole 429',
      'second whole 200',
      'second stream 200',
    ]);
  });

  it.each([
    ['truncate', `${provider} ended the stream before the answer was complete.`],
    ['reset', `The connection to ${provider} broke before the answer was complete.`],
    ['garbage', `${provider} sent something that is not part of an answer.`],
    ['stream-error', 'The engine is currently overloaded.'],
  ] as const)('raises on a stream with %s, after one attempt and in plain words', async (kind, text) => {
    await using gateway = await TestGateway.start(failing(provider, { kind, afterEvents: 3 }));
    const outcomes = await runSdk('openai-sdk', ['chatStream', 'responseStream'], environment(gateway, provider));
    expect(outcomes.map(({ error }) => error?.class)).toEqual(['APIError', 'APIError']);
    for (const { error } of outcomes) expect(error?.message).toContain(text);
    expect(gateway.simulator.requests.map(seenAs)).toEqual([`first stream ${kind}`, `first stream ${kind}`]);
  });

  it('raises on whole answers that break off, and does not pay for them again', async () => {
    await using gateway = await TestGateway.start(failing(provider, { kind: 'truncate' }));
    const outcomes = await runSdk('openai-sdk', ['chat', 'response'], environment(gateway, provider));
    expect(outcomes.map(({ error }) => error?.message)).toEqual(['terminated', 'terminated']);
    expect(gateway.simulator.requests.map(seenAs)).toEqual(['first whole truncate', 'first whole truncate']);
  });

  it('raises once, as out of quota, when no profile has credit left', async () => {
    await using gateway = await TestGateway.start(failing(provider, { kind: 'error', error: 'insufficient_quota' }));
    const [chat, response] = await runSdk('openai-sdk', ['chat', 'responseStream'], environment(gateway, provider));
    const outOfQuota = { class: 'RateLimitError', status: 429, type: 'insufficient_quota', code: 'insufficient_quota' };
    expect([chat?.error, response?.error]).toMatchObject([outOfQuota, outOfQuota]);
    expect(chat?.error?.message).toContain(`${provider}:second out of credit`);
    expect(gateway.simulator.requests.map(seenAs)).toEqual(['first whole 429', 'second whole 429']);
  });

  it('raises once, as out of quota, when a budget is used up', async () => {
    const budgets = { main: { requests: 0, per: 'day' } };
    await using gateway = await TestGateway.start({ profiles: [{ name: 'first', provider }], config: { budgets } });
    const [chat, response] = await runSdk('openai-sdk', ['chat', 'responseStream'], environment(gateway, provider));
    const outOfQuota = { class: 'RateLimitError', status: 429, type: 'insufficient_quota', code: 'insufficient_quota' };
    expect([chat?.error, response?.error]).toMatchObject([outOfQuota, outOfQuota]);
    expect(gateway.logLines.filter((line) => line.includes('"code":"BUDGET_USED_UP"'))).toHaveLength(2);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('raises once when every credential is refused', async () => {
    await using gateway = await TestGateway.start(failing(provider, { kind: 'error', error: 'authentication' }));
    const [chat] = await runSdk('openai-sdk', ['chat'], environment(gateway, provider));
    expect(chat?.error).toMatchObject({ class: 'AuthenticationError', status: 401, code: 'invalid_api_key' });
    expect(gateway.simulator.requests).toHaveLength(2);
  });
});

it('gives the openai SDK embeddings, which it asks for as base64', async () => {
  await using gateway = await TestGateway.start({ profiles: profilesOf('openai') });
  expect(await runSdk('openai-sdk', ['embeddings'], environment(gateway, 'openai'))).toEqual([{ value: [8, 8] }]);
});
