import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';
import { sendRaw } from './raw-http.ts';
import { twoWayRequests } from './two-way-requests.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start({ profiles: ['first'] });
});
afterEach(() => gateway.simulator.forgetRequests());
afterAll(() => gateway[Symbol.asyncDispose]());

const BODY = JSON.stringify(SMALL);
const CHUNK = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

/** The head of a good request up to its framing, which is what each attack writes differently. */
function head(...lines: readonly string[]): string {
  const { port } = gateway.gateway;
  const good = [
    'POST /v1/proxy/anthropic/v1/messages HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${gateway.token}`,
    'Content-Type: application/json',
    'Anthropic-Version: 2023-06-01',
  ];
  return `${[...good, ...lines].join('\r\n')}\r\n\r\n`;
}

const ATTACKS = twoWayRequests(BODY);
/** A second request, hidden in what a laxer reader would take for the end of the first. */
const hidden = () => head(`Content-Length: ${BODY.length}`) + BODY;

describe('a request that could be read in two ways', () => {
  it.each(ATTACKS)('%s: 400, closed, and the hidden request is not served', async (_, attack) => {
    const { statuses, closed } = await sendRaw(gateway.gateway.port, attack(head));
    expect([statuses, closed, gateway.simulator.requests.length]).toEqual([[400], true, 0]);
  });

  it('is still seen when it arrives in small pieces', async () => {
    const text = head(`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked') + CHUNK;
    const parts = text.match(/[\s\S]{1,40}/g)!;
    const { statuses, closed } = await sendRaw(gateway.gateway.port, parts);
    expect([statuses, closed, gateway.simulator.requests.length]).toEqual([[400], true, 0]);
  });

  it('closes after a refusal with a body under way: the rest is never taken for a request', async () => {
    const bad = head(`Content-Length: ${hidden().length}`).replace('Bearer mbt_', 'Bearer wrong_') + hidden();
    const { statuses, closed } = await sendRaw(gateway.gateway.port, bad);
    expect([statuses, closed, gateway.simulator.requests.length]).toEqual([[401], true, 0]);
  });
});

describe('a request that can be read in one way only', () => {
  it('reaches upstream once, framed anew, when it is chunked with extensions and trailers', async () => {
    const chunked = `${BODY.length.toString(16)};name=value\r\n${BODY}\r\n0\r\nX-Api-Key: evil\r\nAuthorization: Bearer evil\r\n\r\n`;
    const { statuses } = await sendRaw(
      gateway.gateway.port,
      head('Transfer-Encoding: chunked', 'Connection: close') + chunked,
    );
    expect(statuses).toEqual([200]);
    const [received] = gateway.simulator.requests;
    const names = received!.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(names.filter((name) => ['content-length', 'transfer-encoding'].includes(name))).toEqual(['content-length']);
    expect(received!.credentials.map(({ name }) => name)).toEqual(['first']);
    expect(received!.bodyBytes).toBe(BODY.length);
  });

  it('is answered one by one when several come at once', async () => {
    const { statuses } = await sendRaw(
      gateway.gateway.port,
      hidden() + hidden() + head(`Content-Length: ${BODY.length}`, 'Connection: close') + BODY,
    );
    expect(statuses).toEqual([200, 200, 200]);
    expect(gateway.simulator.requests).toHaveLength(3);
  });
});
