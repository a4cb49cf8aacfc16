import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { kindOfAddress } from '../../src/providers/addresses.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

/** What the name server says: names of a zone that nobody owns lead to the address in their first label. */
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>();
  const lookup = (name: string, options: object, callback: (error: null, all: object[]) => void) => {
    const address = ANSWERS.get(name);
    if (!address) return dns.lookup(name, options, callback as never);
    setImmediate(() =>
      callback(
        null,
        address.map((one) => ({ address: one, family: one.includes(':') ? 6 : 4 })),
      ),
    );
  };
  return { ...dns, lookup, default: { ...dns, lookup } };
});

const ANSWERS = new Map<string, readonly string[]>();
function nameFor(...addresses: readonly string[]): string {
  const name = `n${ANSWERS.size}.resolves.invalid`;
  ANSWERS.set(name, addresses);
  return name;
}

let recorder: Server;
let port: number;
let connections = 0;
beforeAll(async () => {
  recorder = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  port = (recorder.address() as AddressInfo).port;
});
afterAll(() => void recorder.close());

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '::ffff:169.254.169.254',
  'fd00:ec2::254',
  '64:ff9b::a9fe:a9fe',
  '::ffff:a9fe:a9fe',
];
// biome-ignore format: one list reads better
const PRIVATE = [
  '127.0.0.1', '127.9.9.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.1.1', '100.64.0.1', '0.0.0.0',
  '224.0.0.1', '255.255.255.255', '::1', '::', '::ffff:127.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '64:ff9b::7f00:1', '64:ff9b::808:808', 'fc00::1', 'fd12::1', 'ff02::1',
];

/** Answer of a gateway whose provider has that base URL, and how often anything was connected to meanwhile. */
async function answerFrom(baseUrl: string, allowPrivateNetwork?: boolean) {
  const before = connections;
  const local = { api: ['openai-chat'], auth: 'none', baseUrl, ...(allowPrivateNetwork && { allowPrivateNetwork }) };
  await using gateway = await TestGateway.start({ config: { models: { providers: { local } } } });
  const response = await gateway.post({ path: 'local/v1/chat/completions', body: SMALL });
  return { status: response.status, code: response.headers.get('x-moltbot-error'), connections: connections - before };
}

describe('a name that resolves to an address inside', () => {
  it.each([...PRIVATE, ...METADATA])('is refused where the connection would be made: %s', async (address) => {
    expect(await answerFrom(`https://${nameFor(address)}:${port}/v1`)).toEqual({
      status: 403,
      code: 'ADDRESS_NOT_ALLOWED',
      connections: 0,
    });
  });

  it('is refused when only one of its addresses is inside', async () => {
    const name = nameFor('203.0.113.7', '127.0.0.1');
    expect(await answerFrom(`https://${name}:${port}/v1`)).toEqual({
      status: 403,
      code: 'ADDRESS_NOT_ALLOWED',
      connections: 0,
    });
  });

  it('is judged again at every connection: a name that changes its mind is refused', async () => {
    const name = nameFor('127.0.0.1');
    const upstream = new Upstream({ connectMs: 1_000 });
    const ask = () =>
      upstream
        .pool({ origin: `https://${name}:${port}`, allowPrivateNetwork: false })
        .request({ origin: `https://${name}:${port}`, path: '/', method: 'GET' })
        .then(
          () => 'answered',
          (error: Error) => error.name,
        );
    const before = connections;
    // Test-net-3 is not routed: that connection fails or is slow, and is none to us.
    ANSWERS.set(name, ['203.0.113.7']);
    const first = await ask();
    ANSWERS.set(name, ['127.0.0.1']);
    expect([first === 'AddressRefused', await ask(), connections - before]).toEqual([false, 'AddressRefused', 0]);
    await upstream.close();
  });

  it('is connected to only where that provider allows private networks, and never for metadata', async () => {
    const allowed = await answerFrom(`https://${nameFor('127.0.0.1')}:${port}/v1`, true);
    // Tried, and tried once more; nobody there speaks TLS.
    expect([allowed.status, allowed.connections > 0]).toEqual([502, true]);
    for (const address of METADATA) {
      const refused = { status: 403, code: 'ADDRESS_NOT_ALLOWED', connections: 0 };
      expect([address, await answerFrom(`https://${nameFor(address)}:${port}/v1`, true)]).toEqual([address, refused]);
    }
  });
});

describe('an address that was written down', () => {
  it.each([
    ...METADATA.map((address) => (address.includes(':') ? `[${address}]` : address)),
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
  ])('is refused when it is where a cloud serves machine credentials: %s', async (host) => {
    const answer = await answerFrom(`https://${host}/v1`, true);
    expect([answer.status, answer.code]).toEqual([403, 'ADDRESS_NOT_ALLOWED']);
  });

  it('is public when it is', () => {
    expect(['1.1.1.1', '8.8.8.8', '2606:4700::1111', '172.32.0.1', '100.128.0.1'].map(kindOfAddress)).toEqual(
      Array(5).fill('public'),
    );
  });
});
