import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, type CliSetup, getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';
import { sendRaw } from './raw-http.ts';

const MEGABYTE = 1024 * 1024;
const CUT = 'reset';

let setup: CliSetup;
let gateway: CliGateway;
let token: string;
beforeAll(async () => {
  setup = await setUpCli();
  gateway = await runGateway(setup.home);
  token = (await getToken(setup.home, '--ttl', '1h')).token;
  // So that what grows later is not what every first request brings.
  for (let n = 0; n < 20; n++) await serves();
});
afterAll(async () => {
  await gateway.kill();
  await setup[Symbol.asyncDispose]();
});
beforeEach(() => setup.simulator.setScript({}));

/** Whether an ordinary request is answered. */
async function serves(): Promise<number> {
  const response = await messages(gateway.url, token, {
    ...SMALL,
    max_tokens: 10 + (Math.floor(Math.random() * 1e6) % 50),
  });
  await response.text();
  return response.status;
}

function residentBytes(): number {
  const status = readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Runs the attack and gives how far the gateway's memory rose meanwhile, in megabytes, and what others were answered. */
async function under(attack: () => Promise<unknown>) {
  const before = residentBytes();
  let highest = before;
  let going = true;
  const watch = (async () => {
    while (going) {
      highest = Math.max(highest, residentBytes());
      await sleep(25);
    }
  })();
  const others: number[] = [];
  const serve = (async () => {
    while (going) {
      others.push(await serves());
      await sleep(50);
    }
  })();
  const result = await attack();
  going = false;
  await Promise.all([watch, serve]);
  return { roseMegabytes: (highest - before) / MEGABYTE, others: [...new Set(others)], result };
}

function head(...lines: readonly string[]): string {
  const good = [
    'POST /v1/proxy/anthropic/v1/messages HTTP/1.1',
    `Host: 127.0.0.1:${gateway.port}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Anthropic-Version: 2023-06-01',
  ];
  return `${[...good, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Writes chunk after chunk until the other side has enough of it or all is written; gives what was answered. */
async function pour(start: string, chunk: string, times: number): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  let text = '';
  let open = true;
  let wake = () => {};
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('drain', () => wake());
  socket.on('close', () => {
    open = false;
    wake();
  });
  socket.write(start);
  for (let n = 0; n < times && open; n++) {
    if (!socket.write(chunk) && open) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    // What was answered is read, too.
    if (n % 16 === 0) await sleep(0);
  }
  for (let tries = 0; tries < 60 && open; tries++) await sleep(50);
  socket.destroy();
  return open ? `still open: ${text}` : text || CUT;
}

/** Each was answered so and closed. A reset may overtake the answer while the client is still sending. */
function expectRefused(answers: readonly string[], statuses: readonly number[]): void {
  const wrong = answers.filter((text, index) => text !== CUT && !text.startsWith(`HTTP/1.1 ${statuses[index]} `));
  expect(wrong).toEqual([]);
}

describe('others are served, and memory stays bounded, under', () => {
  it('a body of 1 GiB that is announced, with a token and without one', async () => {
    const chunk = 'x'.repeat(MEGABYTE / 4);
    const { roseMegabytes, others, result } = await under(async () => [
      await pour(head(`Content-Length: ${1024 * MEGABYTE}`), chunk, 4096),
      await pour(head(`Content-Length: ${1024 * MEGABYTE}`).replace(token, 'none'), chunk, 4096),
    ]);
    expectRefused(result as string[], [413, 401]);
    expect(others).toEqual([200]);
    expect(roseMegabytes).toBeLessThan(150);
  });

  it('a body of 1 GiB in chunks, with a token and without one', async () => {
    const part = MEGABYTE / 4;
    const chunk = `${part.toString(16)}\r\n${'x'.repeat(part)}\r\n`;
    const { roseMegabytes, others, result } = await under(async () => [
      await pour(head('Transfer-Encoding: chunked'), chunk, 4096),
      await pour(head('Transfer-Encoding: chunked').replace(token, 'none'), chunk, 4096),
    ]);
    expectRefused(result as string[], [413, 401]);
    expect(others).toEqual([200]);
    // 32 MB are read before it is known to be too much.
    expect(roseMegabytes).toBeLessThan(200);
  });

  it('10 MB of headers, in one and in many', async () => {
    const long = `X-Long: ${'a'.repeat(10 * MEGABYTE)}\r\n`;
    const { roseMegabytes, others, result } = await under(async () => [
      await pour(`GET /healthz HTTP/1.1\r\n${long}\r\n`, '', 0),
      await pour('GET /healthz HTTP/1.1\r\n', `X-Many: ${'a'.repeat(1000)}\r\n`.repeat(100), 100),
      await pour(`GET /${'a'.repeat(10 * MEGABYTE)} HTTP/1.1\r\n`, '', 0),
    ]);
    expectRefused(result as string[], [431, 431, 431]);
    expect(others).toEqual([200]);
    expect(roseMegabytes).toBeLessThan(100);
  });

  it('a request that unpacks to 1 GiB', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * MEGABYTE, ' '));
    const { roseMegabytes, others, result } = await under(async () => {
      const parts = [head(`Content-Length: ${bomb.length}`, 'Content-Encoding: gzip', 'Connection: close'), bomb];
      return (await sendRaw(gateway.port, parts, 15_000)).statuses;
    });
    expect(result).toEqual([413]);
    expect(others).toEqual([200]);
    expect(roseMegabytes).toBeLessThan(250);
  });

  it.each([false, true])('an answer that unpacks to 400 MB (event stream: %s)', async (stream) => {
    setup.simulator.setScript({ rules: [{ model: 'claude-opus-4-5', fail: { kind: 'gzip-bomb', megabytes: 400 } }] });
    const { roseMegabytes, others } = await under(async () => {
      const response = await messages(gateway.url, token, { ...SMALL, model: 'claude-opus-4-5', stream });
      let bytes = 0;
      const reader = response.body!.getReader();
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
        if (done) break;
        bytes += value!.length;
      }
      expect(bytes).toBeLessThan(100 * MEGABYTE);
    });
    expect(others).toEqual([200]);
    expect(roseMegabytes).toBeLessThan(200);
  });

  it.each([false, true])(
    'an answer without an end that its client does not read (event stream: %s)',
    async (stream) => {
      setup.simulator.setScript({ rules: [{ model: 'claude-opus-4-5', fail: { kind: 'endless' } }] });
      const body = JSON.stringify({ ...SMALL, model: 'claude-opus-4-5', stream });
      const { roseMegabytes, others, result } = await under(async () => {
        const sockets = Array.from({ length: 5 }, () => {
          const socket = connect(gateway.port, '127.0.0.1').on('error', () => undefined);
          socket.pause();
          socket.write(head(`Content-Length: ${body.length}`) + body);
          return socket;
        });
        await sleep(2_500);
        const sentBytes = setup.simulator.requests.filter(({ failure }) => failure === 'endless').length;
        for (const socket of sockets) socket.destroy();
        return sentBytes;
      });
      expect(result).toBe(5);
      expect(others).toEqual([200]);
      expect(roseMegabytes).toBeLessThan(150);
      // Whoever left is not sent for any more.
      const isOver = () =>
        setup.simulator.requests
          .filter(({ failure }) => failure === 'endless')
          .every(({ endedAtMs }) => endedAtMs !== null);
      for (let tries = 0; tries < 100 && !isOver(); tries++) await sleep(50);
      expect(isOver()).toBe(true);
      setup.simulator.forgetRequests();
    },
  );

  it('thousands of connections that say nothing', async () => {
    const hard = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024);
    const count = Math.min(3_000, Math.floor(hard / 4));
    const sockets = await openSockets(count);
    const { roseMegabytes, others } = await under(() => sleep(1_000));
    expect(sockets.filter((socket) => !socket.destroyed).length).toBe(count);
    expect(others).toEqual([200]);
    expect(roseMegabytes).toBeLessThan(150);
    for (const socket of sockets) socket.destroy();
  });

  it('hundreds of clients that send their headers and bodies a byte at a time, who are sent away in the end', async () => {
    const sockets = await openSockets(300);
    const pieces = head('Content-Length: 1000');
    let at = 0;
    const drip = setInterval(() => {
      at += 1;
      for (const [index, socket] of sockets.entries()) {
        // Every third has a whole head and drips the body, the others never come to the end of their headers.
        const text = index % 3 === 0 && at === 1 ? pieces : (pieces[at - 1] ?? 'x');
        if (!socket.destroyed) socket.write(index % 3 === 0 && at > 1 ? 'x' : text);
      }
    }, 200);
    const { others, roseMegabytes } = await under(async () => {
      for (let tries = 0; tries < 400 && sockets.some((socket, index) => index % 3 !== 0 && !socket.destroyed); tries++)
        await sleep(100);
    });
    clearInterval(drip);
    const left = sockets.filter((socket, index) => index % 3 !== 0 && !socket.destroyed).length;
    for (const socket of sockets) socket.destroy();
    expect(left).toBe(0);
    expect(others).toEqual([200]);
    expect(roseMegabytes).toBeLessThan(100);
  });
});

/** Opens that many at once; each ends when the other side closes it. */
async function openSockets(count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(200, count - sockets.length) }, () =>
      connect(gateway.port, '127.0.0.1'),
    );
    for (const socket of some) socket.on('error', () => undefined).resume();
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    sockets.push(...some);
  }
  return sockets;
}
