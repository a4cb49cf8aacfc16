import { describe, expect, it } from 'vitest';
import { headersOf } from '../../src/gateway/headers/raw-headers.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { ANSWER, type Rule, seenAs } from './machine.ts';
import { runSdk } from './sdk.ts';

const MESSAGE = { value: { role: 'assistant', text: ANSWER, stop_reason: 'end_turn' } };
const PROFILES = ['first', 'second'];

/** The variables that lead the SDK to the gateway: its token as what the SDK calls an auth token, or an API key. */
const environment = ({ url, token }: TestGateway, name = 'ANTHROPIC_AUTH_TOKEN', suffix = '') => ({
  ANTHROPIC_BASE_URL: `${url}/v1/proxy/anthropic${suffix}`,
  [name]: token,
});
const failing = (fail: Rule['fail']) => ({ profiles: PROFILES, script: { rules: [{ fail }] } });

describe('the Anthropic SDK', () => {
  it('asks, streams, counts, lists models, uploads a file and reads a batch’s results through the gateway', async () => {
    await using gateway = await TestGateway.start({ profiles: PROFILES });
    const operations = ['message', 'stream', 'events', 'count', 'model', 'file', 'batch'];
    expect(await runSdk('anthropic-sdk', operations, environment(gateway))).toEqual([
      MESSAGE,
      MESSAGE,
      {
        value: [
          ...['message_start', 'content_block_start'],
          ...Array<string>(4).fill('content_block_delta'),
          ...['content_block_stop', 'message_delta', 'message_stop'],
        ],
      },
      { value: ['input_tokens'] },
      { value: 'claude-haiku-4-5' },
      { value: { filename: 'big.txt', bytes: 3_000_000, isListed: true, deleted: 'file_deleted' } },
      {
        value: {
          status: 'ended',
          resultsUrl: `${gateway.url}/v1/proxy/anthropic/v1/messages/batches/{id}/results`,
          results: [['one', 'succeeded']],
        },
      },
    ]);
    const senders = gateway.simulator.requests.flatMap(({ credentials }) => credentials);
    expect(new Set(senders.map(({ header, name }) => `${header} ${name}`))).toEqual(new Set(['x-api-key first']));
  });

  it('lists the provider’s models', async () => {
    await using gateway = await TestGateway.start({ profiles: PROFILES });
    const [models] = await runSdk('anthropic-sdk', ['models'], environment(gateway));
    expect(models?.value).toEqual(expect.arrayContaining(['claude-opus-4-5', 'claude-haiku-4-5']));
  });

  it('counts tokens 27 times at once without being held up', async () => {
    await using gateway = await TestGateway.start({ profiles: PROFILES });
    expect(await runSdk('anthropic-sdk', ['counts'], environment(gateway))).toEqual([{ value: 27 }]);
    expect(gateway.simulator.requests.map(({ status }) => status)).toEqual(Array<number>(27).fill(200));
  });

  it.each([
    ['ANTHROPIC_AUTH_TOKEN', ''],
    ['ANTHROPIC_API_KEY', ''],
    ['ANTHROPIC_API_KEY', '/v1'],
  ])('takes the token as %s, and a base URL that ends in "%s"', async (name, suffix) => {
    await using gateway = await TestGateway.start({ profiles: PROFILES });
    const outcomes = await runSdk('anthropic-sdk', ['message', 'stream'], environment(gateway, name, suffix));
    expect(outcomes).toEqual([MESSAGE, MESSAGE]);
    expect(gateway.simulator.requests.map(({ path }) => path)).toEqual(['/v1/messages', '/v1/messages']);
  });

  it('has its betas arrive in order, with ours once behind them', async () => {
    await using gateway = await TestGateway.start({ profiles: PROFILES });
    expect(await runSdk('anthropic-sdk', ['betas'], environment(gateway))).toEqual([MESSAGE]);
    const betas = headersOf(gateway.simulator.requests[0]!.rawHeaders, 'anthropic-beta');
    expect(betas.join().replaceAll(' ', '').split(',')).toEqual([
      'one-2026-01-01',
      'two-2026-01-01',
      'extended-cache-ttl-2025-04-11',
    ]);
  });

  it('does not notice that the first profile is rate limited', async () => {
    const fail: Rule['fail'] = { kind: 'error', error: 'rate_limit' };
    const script = { rules: [{ credential: 'first', fail }] };
    await using gateway = await TestGateway.start({ profiles: PROFILES, script });
    expect(await runSdk('anthropic-sdk', ['message', 'stream'], environment(gateway))).toEqual([MESSAGE, MESSAGE]);
    expect(gateway.simulator.requests.map(seenAs)).toEqual([
      'first whole 429',
      'second whole 200',
      'second stream 200',
    ]);
  });

  it('is not served by a setup-token, and is told what would serve it', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'mine', type: 'token' }] });
    const [refused] = await runSdk('anthropic-sdk', ['message'], environment(gateway));
    expect(refused?.error).toMatchObject({ class: 'AuthenticationError', status: 401, type: 'authentication_error' });
    expect(refused?.error?.message).toContain('No API key found for provider');
    expect(refused?.error?.message).toContain(
      'serves Claude Code only; add an API key: moltbot models auth paste-api-key',
    );
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('is served by the API key beside a setup-token', async () => {
    await using gateway = await TestGateway.start({ profiles: [{ name: 'a-token', type: 'token' }, 'key'] });
    expect(await runSdk('anthropic-sdk', ['message'], environment(gateway))).toEqual([MESSAGE]);
    expect(gateway.simulator.requests.map(seenAs)).toEqual(['key whole 200']);
  });
});

describe('the Anthropic SDK raises', () => {
  it.each([
    ['authentication', 'AuthenticationError', 401, 'anthropic:second refused by the provider'],
    ['billing', 'PaymentRequiredError', 402, 'anthropic:second out of credit'],
  ] as const)('once when %s ails every profile: %s', async (error, className, status, why) => {
    await using gateway = await TestGateway.start(failing({ kind: 'error', error }));
    const [raised] = await runSdk('anthropic-sdk', ['message'], environment(gateway));
    expect(raised?.error).toMatchObject({ class: className, status });
    expect(raised?.error?.message).toContain(why);
    expect(gateway.simulator.requests.map(seenAs)).toEqual([`first whole ${status}`, `second whole ${status}`]);
  });

  it('RateLimitError and does not sleep when every profile cools down for two minutes', async () => {
    const resets = [{ style: 'retry-after' as const, seconds: 120 }];
    await using gateway = await TestGateway.start(failing({ kind: 'error', error: 'rate_limit', resets }));
    const [first, later] = await runSdk('anthropic-sdk', ['message', 'stream'], environment(gateway));
    expect(first?.error).toMatchObject({ class: 'RateLimitError', status: 429, type: 'rate_limit_error' });
    expect(first?.error?.message).toContain('rate limit of your organization');
    expect(later?.error).toMatchObject({ class: 'RateLimitError', status: 429, type: 'rate_limit_error' });
    expect(later?.error?.message).toContain('No available auth profile');
    expect(gateway.simulator.requests.map(seenAs)).toEqual(['first whole 429', 'second whole 429']);
  });

  it('OverloadedError after its own three attempts and no more', async () => {
    await using gateway = await TestGateway.start(failing({ kind: 'error', error: 'overloaded' }));
    const [raised] = await runSdk('anthropic-sdk', ['message'], environment(gateway));
    expect(raised?.error).toMatchObject({ class: 'OverloadedError', status: 529 });
    expect(gateway.simulator.requests).toHaveLength(3);
    expect(gateway.states()).toEqual([]);
  });

  it.each([
    ['truncate', 'api_error', 'anthropic ended the stream before the answer was complete.'],
    ['reset', 'api_error', 'The connection to anthropic broke before the answer was complete.'],
    ['garbage', 'api_error', 'anthropic sent something that is not part of an answer.'],
    ['stream-error', 'overloaded_error', 'Overloaded'],
  ] as const)('on a stream with %s, after one attempt and in plain words', async (kind, type, text) => {
    await using gateway = await TestGateway.start(failing({ kind, afterEvents: 3 }));
    const outcomes = await runSdk('anthropic-sdk', ['stream', 'events'], environment(gateway));
    expect(outcomes).toMatchObject([{ error: { class: 'APIError', type } }, { error: { class: 'APIError', type } }]);
    for (const { error } of outcomes) expect(error?.message).toContain(text);
    expect(gateway.simulator.requests).toHaveLength(2);
    expect(gateway.states()).toEqual([]);
  });

  it('on a whole answer that breaks off', async () => {
    await using gateway = await TestGateway.start(failing({ kind: 'truncate' }));
    const [raised] = await runSdk('anthropic-sdk', ['message'], environment(gateway));
    expect(raised?.error).toMatchObject({ class: 'TypeError', message: 'terminated' });
    expect(gateway.simulator.requests).toHaveLength(1);
  });
});
