import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const STREAM = { ...SMALL, stream: true };

/** The answer as Node's client has it: not read until somebody reads. */
async function open(gateway: TestGateway): Promise<IncomingMessage> {
  const body = JSON.stringify(STREAM);
  const outgoing = request(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${gateway.token}`,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

describe('a stream under way', () => {
  it('sends its head before the first event, and each event before the next one comes', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { pacing: { firstEventMs: 1_000, perEventMs: 400 }, answer: { text: 'Hi' } },
    });
    const response = await open(gateway);
    expect(gateway.simulator.requests[0]!.eventsSent).toBe(0);
    for (const event of ['message_start', 'ping', 'content_block_start']) {
      const [chunk] = (await once(response, 'data')) as [Buffer];
      expect(chunk.toString()).toMatch(new RegExp(`^event: ${event}\n.*\n\n$`));
    }
    response.destroy();
  });

  it('carries keep-alives between events only, while the provider thinks', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: { gateway: { pingAfterMs: 500 } },
      script: { pacing: { firstEventMs: 2_300, pieceBytes: 40 } },
    });
    const response = await open(gateway);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    const events = text.split('\n\n');
    const pings = events.filter((event) => event === 'event: ping\ndata: {"type": "ping"}');
    expect(pings.length).toBeGreaterThanOrEqual(1);
    expect(events.at(-1)).toBe('');
    for (const event of events.slice(0, -1)) expect(event).toMatch(/^event: \w+\ndata: \{.*\}$/);
    expect(text).toContain('message_stop');
  });

  it('never gets a keep-alive into the middle of an event', async () => {
    const [start, end] = ['event: message_start\ndata: {"type":"message_start"}\n\n', 'event: message_stop\n'];
    const provider = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(start + end);
      setTimeout(() => response.end('data: {"type":"message_stop"}\n\n'), 2_300);
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    await using gateway = await TestGateway.start({
      config: {
        gateway: { pingAfterMs: 500 },
        models: { providers: { anthropic: { baseUrl: `http://127.0.0.1:${port}` } } },
      },
      env: { ANTHROPIC_API_KEY: `sk-ant-sim-${'a'.repeat(40)}` },
    });
    const response = await open(gateway);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    const [first, ...rest] = text.split('\n\n');
    expect(`${first}\n\n`).toBe(start);
    expect(rest.slice(-2)).toEqual(['event: message_stop\ndata: {"type":"message_stop"}', '']);
    expect(new Set(rest.slice(0, -2))).toEqual(new Set(['event: ping\ndata: {"type": "ping"}']));
    provider.close();
  });

  it('pauses the provider when the client does not read, and loses nothing when it reads again', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'endless' } }] },
    });
    const before = process.memoryUsage().rss;
    const response = await open(gateway);
    response.pause();
    let sent = -1;
    // It has stopped when the count stands still; what fits into sockets and pipes is a few MB.
    await vi.waitFor(
      () => {
        const now = gateway.simulator.requests[0]!.eventsSent;
        const stands = now === sent;
        sent = now;
        expect(stands).toBe(true);
      },
      { interval: 300, timeout: 10_000 },
    );
    expect(sent * 110).toBeLessThan(64 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    let read = 0;
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    response.resume();
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.eventsSent).toBeGreaterThan(sent));
    expect(read).toBeGreaterThan(0);
    response.destroy();
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true));
  });

  it('is cancelled upstream within a second when the client leaves', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'silence', afterEvents: 3 } }] },
    });
    const response = await open(gateway);
    await once(response, 'data');
    response.destroy();
    await vi.waitFor(() => expect(gateway.simulator.requests[0]!.closedEarly).toBe(true), { timeout: 2_000 });
    await vi.waitFor(() => expect(gateway.logLines.some((line) => line.includes('"ending":"client_gone"'))).toBe(true));
    expect(gateway.states()).toEqual([]);
  });
});
