import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { AlertStore } from '../../../src/alerts/alert-store.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { type ErrorCode, MoltbotError } from '../../../src/core/errors.ts';
import { EventCursor } from '../../../src/management/events/event-cursor.ts';
import { type EndCause, eventStream } from '../../../src/management/events/event-stream.ts';
import { EventStreams } from '../../../src/management/events/event-streams.ts';
import { type EventReader, type ReadEvent, readEvents } from '../../fakes/read-events.ts';
import { TestGateway } from '../../fakes/test-gateway.ts';

/** Sources over the second connection of a test gateway: what is written comes from another one. */
function sourcesOf({ gateway, database, health }: TestGateway) {
  return {
    audit: new AuditLog(database),
    alerts: new AlertStore(database),
    healthStates: () => health.list(),
    lastReload: gateway.lastReload,
    spendLimits: gateway.spendLimits,
  };
}

/** A real HTTP answer whose body is the stream. */
async function serve(open: () => ReadableStream<Uint8Array>): Promise<Server & { url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const body = Readable.fromWeb(open() as Parameters<typeof Readable.fromWeb>[0]);
    body.on('error', () => response.destroy());
    response.on('close', () => body.destroy());
    body.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const NEVER = () => false;
const ROW = { actor: 'person:ada', action: 'agent.added', detail: {} } as const;

/** The gateway writes what it does into the audit, too. */
async function beyondAudit(events: EventReader): Promise<ReadEvent | undefined> {
  for (;;) {
    const event = await events.next();
    if (event?.event !== 'audit') return event;
  }
}

describe('the event stream', () => {
  it('tells rows of the audit as they are written, and takes them up after the last one seen', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const audit = new AuditLog(gateway.database);
    const streams = new EventStreams(sourcesOf(gateway), () => gateway.now(), NEVER);
    audit.append({ ...ROW, subject: 'before' }, 1);
    const seen = audit.lastSeq();
    const server = await serve(() => streams.open(seen, () => true));
    audit.append({ ...ROW, subject: 'one' }, 2);
    const events = await readEvents(server.url);
    audit.append({ ...ROW, subject: 'two\nevent: forged' }, 3);
    expect(await events.next()).toEqual({
      id: String(seen + 1),
      event: 'audit',
      data: { kind: 'decision', seq: seen + 1, at: 2, ...ROW, subject: 'one', sealed: false },
    });
    expect(await events.next()).toMatchObject({ event: 'audit', data: { subject: 'two\nevent: forged' } });
    await events.close();
    server.close();
  });

  it('begins with what is unusable now, then tells when that changes', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', first: 1, fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    await gateway.post();
    const streams = new EventStreams(sourcesOf(gateway), () => gateway.now(), NEVER);
    const server = await serve(() => streams.open(undefined, () => true));
    const events = await readEvents(server.url);
    expect(await events.next()).toMatchObject({
      event: 'profile.unusable',
      data: { agentId: 'main', profileId: 'anthropic:first', kind: 'cooldown', reason: 'rate_limit' },
    });
    gateway.health.clearAll('main', 'anthropic:first');
    expect(await events.next()).toEqual({
      event: 'profile.usable',
      data: { agentId: 'main', profileId: 'anthropic:first', model: 'claude-haiku-4-5' },
    });
    await events.close();
    server.close();
  });

  it('tells of a configuration that was taken over, and of one that was not', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const streams = new EventStreams(sourcesOf(gateway), () => gateway.now(), NEVER);
    const server = await serve(() => streams.open(undefined, () => true));
    const events = await readEvents(server.url);
    gateway.writeConfig({ env: { XAI_API_KEY: 'xai-canary' } });
    expect(await beyondAudit(events)).toMatchObject({
      event: 'config.reloaded',
      data: { at: expect.any(Number), changed: ['env.XAI_API_KEY'], needsRestart: expect.any(Array) },
    });
    gateway.writeConfig('{ broken');
    expect(await beyondAudit(events)).toMatchObject({
      event: 'config.refused',
      data: { at: expect.any(Number), code: 'CONFIG_INVALID' },
    });
    expect(events.text()).not.toContain('canary');
    await events.close();
    server.close();
  });

  it('ends with a last event when its reader may not read any more', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const streams = new EventStreams(sourcesOf(gateway), () => gateway.now(), NEVER);
    let mayRead = true;
    const server = await serve(() => streams.open(undefined, () => mayRead));
    const events = await readEvents(server.url);
    mayRead = false;
    expect(await events.next()).toEqual({ event: 'end', data: { cause: 'key_revoked' } });
    expect(await events.next()).toBeUndefined();
    server.close();
  });

  it('ends, and takes nothing else with it, when what it reads makes no sense', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const sources = { ...sourcesOf(gateway), healthStates: () => JSON.parse('{') as never };
    const server = await serve(() => new EventStreams(sources, () => gateway.now(), NEVER).open(undefined, () => true));
    const events = await readEvents(server.url);
    expect(await events.next()).toEqual({ event: 'end', data: { cause: 'state_unavailable' } });
    server.close();
  });

  it('ends when whether its reader may read cannot be asked any more, and goes on when the state was only busy', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const streams = new EventStreams(sourcesOf(gateway), () => gateway.now(), NEVER);
    const answers: ErrorCode[] = ['DATABASE_BUSY', 'DATABASE_BUSY', 'DATABASE_CORRUPT'];
    const server = await serve(() =>
      streams.open(undefined, () => {
        throw new MoltbotError(answers.shift() ?? 'DATABASE_CORRUPT', 'The state cannot be read.');
      }),
    );
    const events = await readEvents(server.url);
    expect(await events.next()).toEqual({ event: 'end', data: { cause: 'state_unavailable' } });
    expect(answers).toEqual([]);
    server.close();
  });

  it('keeps a silent connection alive with lines that mean nothing', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const cursor = new EventCursor(sourcesOf(gateway), undefined);
    const options = { now: Date.now, endsBecause: () => undefined, onClose: () => undefined, heartbeatMs: 100 };
    const server = await serve(() => eventStream(cursor, options));
    const events = await readEvents(server.url);
    void events.next();
    await vi.waitFor(() => expect(events.text().split(': still here').length).toBeGreaterThan(3), { timeout: 3_000 });
    await events.close();
    server.close();
  });

  it('serves 32 readers, refuses one more, and has room again when one leaves', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const streams = new EventStreams(sourcesOf(gateway), () => gateway.now(), NEVER);
    const open = Array.from({ length: 32 }, () => streams.open(undefined, () => true));
    expect(() => streams.open(undefined, () => true)).toThrow('32 event streams are open already.');
    await open[0]!.cancel();
    open[0] = streams.open(undefined, () => true);
    await Promise.all(open.map((stream) => stream.cancel()));
  });
});

describe('a reader that does not read', () => {
  const closed = vi.fn();
  const start = (gateway: TestGateway, afterSeq: number, endsBecause: () => EndCause | undefined) =>
    eventStream(new EventCursor(sourcesOf(gateway), afterSeq), { now: Date.now, endsBecause, onClose: closed });

  it('gets every row later, and none waits for it in memory', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const audit = new AuditLog(gateway.database);
    const reader = start(gateway, audit.lastSeq(), () => undefined).getReader();
    gateway.database.transaction(() => {
      for (let at = 0; at < 1_000; at++) audit.append({ ...ROW, subject: `agent-${at}` }, at);
    });
    const after = vi.spyOn(AuditLog.prototype, 'after');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(after).not.toHaveBeenCalled();
    after.mockRestore();
    let text = '';
    while (!text.includes('agent-999')) text += new TextDecoder().decode((await reader.read()).value);
    expect(text.match(/"subject":"agent-\d+"/g)).toHaveLength(1_000);
    await reader.cancel();
  });

  it('is cut off all the same when it may not read any more', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const stream = start(gateway, 0, () => 'key_revoked');
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    await expect(stream.getReader().read()).rejects.toThrow('key_revoked');
  });

  it('is cut off when it has taken nothing for a while', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const options = { now: Date.now, endsBecause: () => undefined, onClose: vi.fn(), patienceMs: 300 };
    const stream = eventStream(new EventCursor(sourcesOf(gateway), 0), options);
    await vi.waitFor(() => expect(options.onClose).toHaveBeenCalledOnce(), { timeout: 3_000 });
    await expect(stream.getReader().read()).rejects.toThrow('not_read');
  });
});
