import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

describe('a request through the gateway', () => {
  it('is answered by the provider with the profile’s own credential', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const response = await gateway.post();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ type: 'message', role: 'assistant' });
    expect(gateway.simulator.requests.map(({ credentials }) => credentials)).toMatchObject([
      [{ header: 'x-api-key', name: 'first' }],
    ]);
    expect(gateway.states()).toEqual([]);
  });

  it('arrives byte for byte as the client sent it', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const body = `{ "max_tokens":20,\n "unknown_field" : [1.0, 2e3], "model":"claude-haiku-4-5", "messages":[{"role":"user","content":"\\u00e9 é"}] }`;
    expect((await gateway.post({ body })).status).toBe(200);
    expect(gateway.simulator.requests[0]!.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
  });

  it('streams events and ends when the provider ends', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const response = await gateway.post({ body: { ...SMALL, stream: true } });
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain('event: message_start');
    expect(text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true);
  });
});

describe('two profiles', () => {
  it('moves to the next profile when the first is rate limited, and says so in the state', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: {
        rules: [
          {
            credential: 'first',
            fail: { kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds: 120 }] },
          },
        ],
      },
    });
    expect((await gateway.post()).status).toBe(200);
    expect(gateway.simulator.requests.map(({ credentials, status }) => [credentials[0]?.name, status])).toEqual([
      ['first', 429],
      ['second', 200],
    ]);
    expect(gateway.states()).toEqual(['anthropic:first rate_limit claude-haiku-4-5']);
  });
});
