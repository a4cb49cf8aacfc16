import { describe, expect, it } from 'vitest';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { WireFormat } from '../../src/providers/provider.ts';
import type { Family, ScriptInput } from '../../src/simulator/script-schema.ts';
import { SMALL, TestGateway, type TestGatewayOptions } from '../fakes/test-gateway.ts';
import { USAGE_SHAPES, type UsageShape } from '../ledger/usage-shapes.ts';

const NOVEMBER = Date.UTC(2026, 10, 21);
const PATHS: Record<WireFormat, string> = {
  'anthropic-messages': 'v1/messages',
  'openai-chat': 'v1/chat/completions',
  'openai-responses': 'v1/responses',
};
const lastRow = (gateway: TestGateway) => new LedgerStore(gateway.database).newest({ limit: 1 })[0]!;
const bookingOf = (gateway: TestGateway) => lastRow(gateway).booking;

function bodyOf(format: WireFormat, model: string, stream: boolean): object {
  const prompt = format === 'openai-responses' ? { input: 'Hi' } : { messages: SMALL.messages };
  const bound = format === 'anthropic-messages' ? { max_tokens: 40 } : {};
  return { model, ...bound, stream, ...prompt };
}

/** xAI's own cost is there unless the shape is about answers without it. */
function usageOf({ model, usage }: UsageShape): Record<string, unknown> {
  return model.startsWith('xai/') ? { cost_in_usd_ticks: null, ...usage } : { ...usage };
}

async function startFor(shape: UsageShape, script: ScriptInput = {}, options: TestGatewayOptions = {}) {
  const [provider, model] = shape.model.split('/') as [Family, string];
  return TestGateway.start({
    profiles: [{ name: 'first', provider }],
    standsAtMs: shape.atMs ?? NOVEMBER,
    script: { ...script, models: [model], answer: { usage: usageOf(shape), text: 'A few words.' } },
    ...options,
  });
}

function ask(
  gateway: TestGateway,
  { format, model }: UsageShape,
  stream: boolean,
  signal?: AbortSignal,
): Promise<Response> {
  const [provider, name] = model.split('/') as [string, string];
  const body = bodyOf(format, name, stream);
  return gateway.post({ path: `${provider}/${PATHS[format]}`, body, ...(signal && { signal }) });
}

const shapeOf = (format: WireFormat) => USAGE_SHAPES.find((shape) => shape.format === format)!;

describe('an answer through the gateway', () => {
  it.each(USAGE_SHAPES)('costs what it costs: $format $model, $what', async (shape) => {
    await using gateway = await startFor(shape, { pacing: { pieceBytes: 7 } });
    for (const stream of [false, true]) {
      await (await ask(gateway, shape, stream)).text();
      expect([stream, bookingOf(gateway)?.costNanoUsd, bookingOf(gateway)?.usageState]).toEqual([
        stream,
        shape.nanoUsd,
        shape.state ?? 'reported',
      ]);
    }
  });

  const plain = USAGE_SHAPES[0]!;

  const FORMATS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const;
  it.each(
    FORMATS.flatMap((format) => (['gzip', 'br', 'zstd', 'deflate'] as const).map((encoding) => ({ format, encoding }))),
  )('costs the same in $encoding: $format', async ({ format, encoding }) => {
    const shape = shapeOf(format);
    await using gateway = await startFor(shape, { rules: [{ fail: { kind: 'encode', encoding } }] });
    for (const stream of [false, true]) {
      await (await ask(gateway, shape, stream)).arrayBuffer();
      expect(bookingOf(gateway)).toMatchObject({ costNanoUsd: shape.nanoUsd, usageState: 'reported' });
    }
  });

  it('is a simulator’s, and says so', async () => {
    await using gateway = await startFor(plain);
    await (await ask(gateway, plain, false)).text();
    expect(lastRow(gateway)).toMatchObject({ isSimulated: true, isSubscription: false });
  });

  it('costs nothing more under a subscription, and its tokens count', async () => {
    const profiles = [{ name: 'sub', type: 'token' as const }];
    await using gateway = await startFor(
      plain,
      {},
      { profiles, config: { auth: { order: { anthropic: ['anthropic:sub'] } } } },
    );
    await (await ask(gateway, plain, false)).text();
    expect(lastRow(gateway)).toMatchObject({
      isSubscription: true,
      booking: { inputTokens: 1_000, costNanoUsd: 0, usageState: 'reported' },
    });
  });

  it('goes by prices that a person sets while the gateway runs', async () => {
    await using gateway = await startFor(plain);
    const prices = { [plain.model]: { inputUsdPerMillion: 1, outputUsdPerMillion: 0, cacheReadUsdPerMillion: 0 } };
    gateway.writeConfig({ models: { prices } });
    // 1,000 + 300 written, as input
    await expect
      .poll(async () => {
        await (await ask(gateway, plain, false)).text();
        return bookingOf(gateway);
      })
      .toMatchObject({
        costNanoUsd: 1_300_000,
        usageState: 'estimated',
        priceVersion: expect.stringMatching(/^config/),
      });
  });

  it('that is a refusal, or a free count, uses nothing', async () => {
    await using gateway = await startFor(plain, {
      rules: [{ route: 'messages', fail: { kind: 'error', error: 'invalid_request' } }],
    });
    await (await ask(gateway, plain, false)).text();
    expect(lastRow(gateway)).toMatchObject({ status: 400, isSimulated: true, booking: null });
    await (await gateway.post({ path: 'anthropic/v1/messages/count_tokens' })).text();
    expect(lastRow(gateway)).toMatchObject({ route: 'messages/count_tokens', status: 200, booking: null });
  });

  /** What is known of the prompt: the provider's figures where it says them at the start, else four bytes a token. */
  const LEFT = [
    [plain, { usageState: 'partial', inputTokens: 1_000, cacheReadTokens: 5_000 }],
    [shapeOf('openai-chat'), { usageState: 'estimated', inputTokens: 20, cacheReadTokens: 0 }],
    [shapeOf('openai-responses'), { usageState: 'estimated', inputTokens: 13, cacheReadTokens: 0 }],
  ] as const;

  it.each(
    LEFT.flatMap(([shape, booking]) => [
      { ...shape, shape, booking, moment: 'event', until: '', least: 0 },
      // "word " is five bytes, so two tokens.
      { ...shape, shape, booking, moment: 'word', until: 'word ', least: 2 },
    ]),
  )(
    'whose client leaves after the first $moment has upstream cancelled within a second, and holds the prompt and the output so far: $format',
    async ({ shape, booking, until, least }) => {
      const answer = { usage: usageOf(shape), text: 'word '.repeat(200), deltas: 200 };
      await using gateway = await startFor(shape, { rules: [{ answer, pacing: { perEventMs: 20 } }] });
      const leave = new AbortController();
      const response = await ask(gateway, shape, true, leave.signal);
      let seen = '';
      for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
        seen += text;
        if (seen.includes(until)) break;
      }
      leave.abort();
      const leftAtMs = Date.now();
      const request = gateway.simulator.requests.at(-1)!;
      await expect.poll(() => request.closedEarly).toBe(true);
      expect(request.endedAtMs! - leftAtMs).toBeLessThan(1_000);
      await expect.poll(() => lastRow(gateway).outcome).toBe('client_left');
      const { outputTokens, costNanoUsd, ...held } = bookingOf(gateway)!;
      expect(held).toMatchObject(booking);
      expect(costNanoUsd).toBeGreaterThan(0);
      // A busy machine passes some more on before it hears that nobody is there.
      expect([outputTokens >= least, outputTokens <= 200]).toEqual([true, true]);
    },
  );
});

describe('a chat stream whose client does not ask for usage', () => {
  const shape = USAGE_SHAPES.find(({ format }) => format === 'openai-chat')!;

  it('is asked for it upstream, and the client sees nothing of that', async () => {
    await using gateway = await startFor(shape);
    const text = await (await ask(gateway, shape, true)).text();
    const chunks = [...text.matchAll(/^data: (\{.*)$/gm)].map(
      ([, json]) => JSON.parse(json!) as { choices: unknown[] },
    );
    expect(chunks.map(({ choices }) => choices.length).filter((count) => count === 0)).toEqual([]);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(bookingOf(gateway)).toMatchObject({ costNanoUsd: shape.nanoUsd, usageState: 'reported' });
  });

  it('keeps the chunk where the client asks itself', async () => {
    await using gateway = await startFor(shape);
    const body = { ...bodyOf('openai-chat', 'gpt-5.4', true), stream_options: { include_usage: true } };
    expect(await (await gateway.post({ path: 'openai/v1/chat/completions', body })).text()).toContain('"choices":[]');
    expect(bookingOf(gateway)).toMatchObject({ costNanoUsd: shape.nanoUsd });
  });

  it('is left alone and estimated where the config says so', async () => {
    await using gateway = await startFor(shape, {}, { config: { ledger: { chatUsage: 'leave' } } });
    await (await ask(gateway, shape, true)).text();
    expect(bookingOf(gateway)).toMatchObject({ usageState: 'estimated', inputTokens: expect.any(Number) });
    expect(gateway.simulator.requests.at(-1)!.body.toString()).not.toContain('stream_options');
  });
});

describe('a batch', () => {
  const usage = {
    input_tokens: 1,
    cache_creation_input_tokens: 0,
    cache_creation: null,
    cache_read_input_tokens: 1,
    output_tokens: 0,
  };
  const message = (model: string) => ({ model, max_tokens: 5, messages: SMALL.messages });

  async function createBatch(gateway: TestGateway): Promise<string> {
    const requests = ['claude-haiku-5-5', 'claude-haiku-5-5', 'claude-haiku-4-5'].map((model, index) => ({
      custom_id: `c${index}`,
      params: message(model),
    }));
    const answer = await gateway.post({ path: 'anthropic/v1/messages/batches', body: { requests } });
    return ((await answer.json()) as { id: string }).id;
  }

  it('is booked when its results come, each answer at half its price, rounded once, and only once', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      standsAtMs: NOVEMBER,
      script: { answer: { usage }, pacing: { pieceBytes: 7 } },
    });
    const id = await createBatch(gateway);
    expect(bookingOf(gateway)).toBeNull();
    const results = async () =>
      (await gateway.send(`/v1/proxy/anthropic/v1/messages/batches/${id}/results`, { method: 'GET' })).status;
    expect(await results()).toBe(200);
    // 2 × (100 + 10) / 2 + (1,000 + 100) / 2
    expect(bookingOf(gateway)).toMatchObject({
      costNanoUsd: 660,
      inputTokens: 3,
      cacheReadTokens: 3,
      serviceTier: 'batch',
      usageState: 'reported',
      priceVersion: '2026-11/anthropic/claude-haiku-5-5/1 2026-11/anthropic/claude-haiku-4-5/1',
    });
    expect(await results()).toBe(200);
    expect(lastRow(gateway)).toMatchObject({ outcome: 'ok', booking: null });
  });
});
