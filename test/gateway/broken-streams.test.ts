import { describe, expect, it, vi } from 'vitest';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

type Fail = NonNullable<NonNullable<ScriptInput['rules']>[number]['fail']>;

const PROFILES = ['first', { name: 'first', provider: 'openai' }] as const;
const { messages } = SMALL;

interface Format {
  readonly path: string;
  readonly body: object;
  readonly terminal: string;
  /** What a broken stream ends with; `text` is the message. */
  readonly lastEvent: (text: unknown) => unknown;
}

const FORMATS: Readonly<Record<string, Format>> = {
  Messages: {
    path: 'anthropic/v1/messages',
    body: SMALL,
    terminal: 'message_stop',
    lastEvent: (message) => ({ type: 'error', error: { type: 'api_error', message } }),
  },
  chat: {
    path: 'openai/v1/chat/completions',
    body: { model: 'gpt-5', messages },
    terminal: '[DONE]',
    lastEvent: (message) => ({
      error: { message, type: 'server_error', param: null, code: expect.stringMatching(/^upstream_(broken|silent)$/) },
    }),
  },
  Responses: {
    path: 'openai/v1/responses',
    body: { model: 'gpt-5', input: 'Hi' },
    terminal: 'response.completed',
    lastEvent: (message) => ({
      type: 'error',
      code: 'server_error',
      message,
      param: null,
      sequence_number: expect.any(Number),
    }),
  },
};

function start(fail: Fail, config: Record<string, unknown> = {}): Promise<TestGateway> {
  return TestGateway.start({ profiles: PROFILES, script: { rules: [{ fail }] }, config });
}

const stream = (gateway: TestGateway, { path, body }: Format) =>
  gateway.post({ path, body: { ...body, stream: true } });

/** The data of each event, the last one parsed. */
function eventsOf(text: string): { data: string[]; last: unknown } {
  expect(text.endsWith('\n\n')).toBe(true);
  const data = [...text.matchAll(/^data: (.*)$/gm)].map((match) => match[1]!);
  return { data, last: JSON.parse(data.at(-1)!) };
}

describe.concurrent.each(Object.keys(FORMATS))('a stream of %s', (name) => {
  const format = FORMATS[name]!;

  it.each<[string, Fail, string]>([
    ['is reset', { kind: 'reset', afterEvents: 2 }, 'broke before the answer was complete'],
    ['ends without its terminal event', { kind: 'truncate', afterEvents: 2 }, 'ended the stream before'],
    ['holds garbage', { kind: 'garbage', afterEvents: 2 }, 'something that is not part of an answer'],
  ])('that %s ends with the dialect’s error event', async (_what, fail, words) => {
    await using gateway = await start(fail);
    const response = await stream(gateway, format);
    expect(response.status).toBe(200);
    const text = await response.text();
    const { data, last } = eventsOf(text);
    expect(last).toEqual(format.lastEvent(expect.stringMatching(new RegExp(`${words}.*\\(mbr_\\w+\\)$`))));
    expect(data).toHaveLength(3);
    expect(text).not.toContain(format.terminal);
    expect(text).not.toContain('<<garbage>>');
    expect(gateway.states()).toEqual([]);
    expect(gateway.simulator.requests).toHaveLength(1);
  });

  it('that falls silent ends with the error event after silenceMs', async () => {
    await using gateway = await start(
      { kind: 'silence', afterEvents: 2 },
      { gateway: { timeouts: { silenceMs: 200 } } },
    );
    const { last } = eventsOf(await (await stream(gateway, format)).text());
    expect(last).toEqual(format.lastEvent(expect.stringContaining('sent nothing for')));
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
  });

  it('that breaks before its headers is 502', async () => {
    await using gateway = await start({ kind: 'reset' });
    const response = await stream(gateway, format);
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([502, 'UPSTREAM_BROKEN']);
  });

  it('passes the provider’s own error event once and adds none', async () => {
    await using gateway = await start({ kind: 'stream-error', error: 'overloaded', message: 'Busy.', afterEvents: 2 });
    const text = await (await stream(gateway, format)).text();
    expect(text.match(/Busy\./g)).toHaveLength(1);
    expect(eventsOf(text).data).toHaveLength(3);
  });

  it.each(['gzip', 'br', 'zstd', 'deflate'] as const)(
    'that is encoded with %s all the same is decoded',
    async (encoding) => {
      await using gateway = await start({ kind: 'encode', encoding });
      const response = await stream(gateway, format);
      expect(response.headers.get('content-encoding')).toBeNull();
      expect(await response.text()).toContain(format.terminal);
      const at = gateway.simulator.requests[0]!.rawHeaders.findIndex(
        (header) => header.toLowerCase() === 'accept-encoding',
      );
      expect(gateway.simulator.requests[0]!.rawHeaders[at + 1]).toBe('identity');
    },
  );

  it('is whole when the provider cuts events anywhere', async () => {
    await using gateway = await TestGateway.start({ profiles: PROFILES, script: { pacing: { pieceBytes: 7 } } });
    const direct = await stream(gateway, format);
    const text = await direct.text();
    expect(text).toContain(format.terminal);
    expect(text).not.toContain('"code":"server_error"');
  });
});

describe.concurrent('an answer that is no stream', () => {
  it.each<[string, Fail]>([
    ['is cut', { kind: 'reset', afterEvents: 1 }],
    ['falls short of its length', { kind: 'truncate' }],
  ])('and %s is a reset connection, never a short body', async (_what, fail) => {
    await using gateway = await start(fail);
    const reading = gateway.send('/v1/proxy/anthropic/v1/messages', {
      body: JSON.stringify(SMALL),
      headers: { 'anthropic-version': '2023-06-01' },
    });
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('and is encoded all the same can be read', async () => {
    await using gateway = await start({ kind: 'encode', encoding: 'gzip' });
    const response = await gateway.post();
    expect(await response.json()).toMatchObject({ type: 'message' });
  });

  it('and does not begin is 504 after firstByteMs, and upstream is cancelled', async () => {
    await using gateway = await start({ kind: 'silence' }, { gateway: { timeouts: { firstByteMs: 200 } } });
    const response = await gateway.post();
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([504, 'UPSTREAM_SILENT']);
    expect(await response.json()).toMatchObject({ error: { type: 'timeout_error' } });
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
    expect(gateway.states()).toEqual([]);
  });

  it('and stops in the middle is a reset connection after silenceMs', async () => {
    await using gateway = await start(
      { kind: 'silence', afterEvents: 1 },
      { gateway: { timeouts: { silenceMs: 200 } } },
    );
    const reading = gateway.send('/v1/proxy/anthropic/v1/messages', {
      body: JSON.stringify(SMALL),
      headers: { 'anthropic-version': '2023-06-01' },
    });
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('and is a redirect is 502, never followed and never passed on', async () => {
    await using gateway = await start({ kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' });
    const response = await gateway.post();
    expect([response.status, response.headers.get('location')]).toEqual([502, null]);
    expect(gateway.simulator.requests).toHaveLength(1);
  });
});
