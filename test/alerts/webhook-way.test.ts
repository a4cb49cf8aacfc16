import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WayResult } from '../../src/alerts/alert-way.ts';
import { sendOver } from '../../src/alerts/ways-of.ts';
import { webhookWay } from '../../src/alerts/webhook-way.ts';
import { VERSION } from '../../src/core/version.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import { MESSAGE } from '../fakes/alert-message.ts';
import { type HttpsReceiver, httpsReceiver } from '../fakes/https-receiver.ts';

/** What the name server says of a name that nobody owns: this machine. */
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const lookup = (name: string, options: object, callback: (error: null, all: object[]) => void) => {
    if (name !== 'hooks.resolves.invalid') return dns.lookup(name, options, callback as never);
    setImmediate(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
  };
  return { ...dns, lookup, default: { ...dns, lookup } };
});

const SECRET = ['a', 'shared', 'word'].join('-');
const NOW_MS = 1_795_189_234_567;
const opened: Upstream[] = [];

afterEach(async () => {
  for (const upstream of opened.splice(0)) await upstream.close();
});

interface Posting {
  readonly url?: string;
  readonly allowPrivateNetwork?: boolean;
  readonly caFile?: string | undefined;
  readonly proxyUrl?: string;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

function post(receiver: HttpsReceiver, options: Posting = {}): Promise<WayResult> {
  const { url = `${receiver.origin}/hooks/one?key=hidden-path`, allowPrivateNetwork = true, signal } = options;
  const caFile = 'caFile' in options ? options.caFile : receiver.caFile;
  const upstream = new Upstream({ connectMs: 2_000, caFile, proxyUrl: options.proxyUrl });
  opened.push(upstream);
  const parts = { upstream, now: () => NOW_MS, limitMs: options.limitMs ?? 5_000, pausesMs: [10, 20] };
  const way = webhookWay({ url, secret: SECRET, allowPrivateNetwork }, parts);
  return sendOver(way, MESSAGE, signal ?? new AbortController().signal);
}

describe('a webhook', () => {
  it('gets the alert as JSON, signed with the time, and no other header of ours', async () => {
    await using receiver = await httpsReceiver(204);
    const result = await post(receiver);
    expect(result).toEqual({ ok: true, said: `${receiver.origin} answered 204`, isLasting: false });
    const [got] = receiver.received;
    const body = JSON.stringify(MESSAGE);
    const signature = createHmac('sha256', SECRET).update(`1795189234.${body}`).digest('hex');
    expect(receiver.received).toHaveLength(1);
    expect(got).toEqual({
      method: 'POST',
      url: '/hooks/one?key=hidden-path',
      headers: {
        host: new URL(receiver.origin).host,
        connection: 'keep-alive',
        'content-type': 'application/json',
        'content-length': String(body.length),
        'user-agent': `moltbot/${VERSION}`,
        'x-moltbot-signature': `t=1795189234,v1=${signature}`,
      },
      body,
    });
  });

  it('is tried again after a 500, with the same id', async () => {
    await using receiver = await httpsReceiver(500, 200);
    expect(await post(receiver)).toMatchObject({ ok: true, said: `${receiver.origin} answered 200` });
    expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual([MESSAGE.id, MESSAGE.id]);
  });

  it.each([429, 503])('is given up after three answers of %i', async (status) => {
    await using receiver = await httpsReceiver(status);
    expect(await post(receiver)).toMatchObject({ ok: false, said: `${receiver.origin} answered ${status}` });
    expect(receiver.received).toHaveLength(3);
  });

  it('is not tried again after an answer that would be the same', async () => {
    await using receiver = await httpsReceiver(404);
    expect(await post(receiver)).toMatchObject({ ok: false, said: `${receiver.origin} answered 404` });
    expect(receiver.received).toHaveLength(1);
  });

  it('is not followed to where it redirects', async () => {
    await using other = await httpsReceiver(200);
    await using receiver = await httpsReceiver({ status: 307, location: `${other.origin}/elsewhere` });
    expect(await post(receiver)).toMatchObject({
      ok: false,
      said: `${receiver.origin} answered 307; redirects are not followed`,
    });
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
  });

  it('that hangs is let go at each of three attempts', async () => {
    await using receiver = await httpsReceiver('hang');
    expect(await post(receiver, { limitMs: 300 })).toMatchObject({
      ok: false,
      said: `${receiver.origin} did not answer within 0.3 s`,
    });
    expect(receiver.received).toHaveLength(3);
  });

  it('that hangs is let go at once when the gateway ends', async () => {
    await using receiver = await httpsReceiver('hang');
    const stop = new AbortController();
    const posted = post(receiver, { signal: stop.signal });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 5_000 });
    stop.abort();
    expect(await posted).toMatchObject({
      ok: false,
      said: `${receiver.origin} was given up, because the gateway ends`,
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('whose certificate nobody vouches for gets nothing', async () => {
    await using receiver = await httpsReceiver(200);
    expect(await post(receiver, { caFile: undefined })).toMatchObject({
      ok: false,
      said: `${receiver.origin} has a certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    });
    expect(receiver.received).toEqual([]);
  });

  it('whose certificate is for another name gets nothing', async () => {
    await using receiver = await httpsReceiver(200);
    const url = receiver.origin.replace('127.0.0.1', '127.0.0.2');
    expect(await post(receiver, { url })).toMatchObject({ ok: false });
    expect(receiver.received).toEqual([]);
  });

  it('is reached through the proxy of the configuration, and its certificate is checked behind it', async () => {
    await using receiver = await httpsReceiver(204);
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(url!);
      const through = connect(Number(new URL(receiver.origin).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(through).pipe(socket);
      });
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const result = await post(receiver, { url: 'https://hooks.example.com/x', proxyUrl });
    proxy.close();
    expect([asked, result]).toEqual([
      ['hooks.example.com:443'],
      {
        ok: false,
        said: 'https://hooks.example.com has a certificate that is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)',
        isLasting: false,
      },
    ]);
    expect(receiver.received).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '10.0.0.7', '192.168.1.1'])(
    'at the private address %s needs permission',
    async (host) => {
      await using receiver = await httpsReceiver(200);
      const { port } = new URL(receiver.origin);
      const { origin } = new URL(`https://${host}:${port}`);
      expect(await post(receiver, { url: `${origin}/`, allowPrivateNetwork: false })).toEqual({
        ok: false,
        said: `The webhook at ${origin} is a private address.`,
        isLasting: true,
      });
      expect(receiver.received).toEqual([]);
    },
  );

  it('whose name leads to a private address needs permission', async () => {
    await using receiver = await httpsReceiver(200);
    const url = receiver.origin.replace('127.0.0.1', 'hooks.resolves.invalid');
    expect(await post(receiver, { url, allowPrivateNetwork: false })).toEqual({
      ok: false,
      said: `${url} is at an address that is not allowed`,
      isLasting: true,
    });
    expect(receiver.received).toEqual([]);
  });

  it.each(['169.254.169.254', '[fd00:ec2::254]'])('is never the metadata address %s', async (host) => {
    await using receiver = await httpsReceiver(200);
    expect(await post(receiver, { url: `https://${host}/` })).toEqual({
      ok: false,
      said: `The webhook at https://${host} is a machine metadata address.`,
      isLasting: true,
    });
  });

  it.each([
    ['http://example.com/', 'is no URL that starts with https://'],
    ['https://me:word@example.com/', 'has a user name or a password in it'],
  ])('is not %s', async (url, what) => {
    await using receiver = await httpsReceiver(200);
    expect(await post(receiver, { url })).toEqual({
      ok: false,
      said: `The webhook in alerts.webhook.url ${what}.`,
      isLasting: true,
    });
  });

  it('is told of by its origin only: its path may be a secret', async () => {
    await using receiver = await httpsReceiver(404);
    const results = [await post(receiver), await post(receiver, { caFile: undefined })];
    expect(JSON.stringify(results)).not.toContain('hidden-path');
  });
});
