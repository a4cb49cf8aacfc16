import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWellFormedToken, newAccessToken } from '../../src/agents/access-token.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

let gateway: TestGateway;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  gateway = await TestGateway.start({ profiles: ['first'] });
});
afterAll(async () => {
  agent.destroy();
  await gateway[Symbol.asyncDispose]();
});

const unknown = () => newAccessToken().reveal();
/** The right form, another last letter: its checksum does not fit. */
function mistyped(): string {
  const token = gateway.token.slice(0, -1) + (gateway.token.endsWith('a') ? 'b' : 'a');
  expect(isWellFormedToken(token)).toBe(false);
  return token;
}

const KINDS: readonly (readonly [string, () => Record<string, string>])[] = [
  ['none at all', () => ({})],
  ['an unknown one', () => ({ authorization: `Bearer ${unknown()}` })],
  ['an unknown one as x-api-key', () => ({ 'x-api-key': unknown() })],
  ['a mistyped one', () => ({ authorization: `Bearer ${mistyped()}` })],
  ['a malformed one', () => ({ authorization: 'Bearer mbt_short' })],
  ['an agent key', () => ({ authorization: `Bearer ${unknown().replace('mbt_', 'mba_')}` })],
  ['an admin key', () => ({ authorization: `Bearer ${unknown().replace('mbt_', 'mbm_')}` })],
  ['a provider key', () => ({ 'x-api-key': gateway.simulator.issueKey('anthropic', 'first') })],
  ['another scheme', () => ({ authorization: `Basic ${unknown()}` })],
];

interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly bytes: number;
  readonly micros: number;
}

const MASKED = /mbr_[0-9a-f]{24}/g;

async function refusalFor(headers: Record<string, string>, path = 'anthropic/v1/messages'): Promise<Refusal> {
  const sentAt = process.hrtime.bigint();
  const sent = request(`${gateway.url}/v1/proxy/${path}`, { method: 'POST', agent, headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const micros = Number(process.hrtime.bigint() - sentAt) / 1_000;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { date: _, ...rest } = response.headers as Record<string, string>;
  const masked = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value.replace(MASKED, 'ID')]));
  return {
    status: response.statusCode!,
    headers: masked,
    text: bytes.toString().replace(MASKED, 'ID'),
    bytes: bytes.length,
    micros,
  };
}

/** Wrong tokens are throttled by the ten seconds: another ten seconds begin. */
const nextWindow = () => gateway.move(10_001);

describe('the refusal of a token', () => {
  it.each(['anthropic/v1/messages', 'openai/v1/chat/completions', 'xai/v1/responses'])(
    'on %s has the same text, headers and size, whatever was wrong',
    async (path) => {
      nextWindow();
      const refusals: Omit<Refusal, 'micros'>[] = [];
      for (const [, headers] of KINDS) {
        const { micros: _, ...refusal } = await refusalFor(headers(), path);
        refusals.push(refusal);
      }
      for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
      expect(refusals[0]).toMatchObject({
        status: 401,
        headers: { 'x-moltbot-error': 'TOKEN_REJECTED', 'x-should-retry': 'false' },
      });
      expect(refusals[0]!.headers['www-authenticate']).toBeDefined();
    },
  );

  it('says "expired" and "revoked" only to who has the whole token', async () => {
    nextWindow();
    const { token, accessor } = gateway.issue('main', 60_000);
    gateway.tokens.revoke(accessor, gateway.now());
    const whole = await refusalFor({ authorization: `Bearer ${token}` });
    const nearly = await refusalFor({
      authorization: `Bearer ${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`,
    });
    expect([whole.headers['x-moltbot-error'], nearly.headers['x-moltbot-error']]).toEqual([
      'TOKEN_REVOKED',
      'TOKEN_REJECTED',
    ]);
  });

  it('takes a time from which the reason cannot be told', async () => {
    const kinds = [KINDS[1]!, KINDS[3]!, KINDS[5]!];
    const times = kinds.map(() => [] as number[]);
    for (let round = 0; round < 200; round++) {
      if (round % 10 === 0) nextWindow();
      // In turn, so that a busy moment of the machine hits all of them.
      for (const [index, [, headers]] of kinds.entries()) times[index]!.push((await refusalFor(headers())).micros);
    }
    const sorted = times.map((each) => each.slice(20).sort((a, b) => a - b));
    const at = (values: number[], part: number) => values[Math.floor(values.length * part)]!;
    // The middle of each lies well within the spread of every other one.
    for (const one of sorted) {
      for (const other of sorted) {
        expect(at(one, 0.5)).toBeGreaterThan(at(other, 0.02));
        expect(at(one, 0.5)).toBeLessThan(at(other, 0.98));
      }
    }
  });
});

describe('a guesser', () => {
  it('with 10,000 wrong tokens is throttled, while the good token from the same address is served all along', async () => {
    nextWindow();
    gateway.simulator.forgetRequests();
    const statuses = new Map<number, number>();
    const served: number[] = [];
    const guess = async (count: number, own: Agent) => {
      for (let n = 0; n < count; n++) {
        const sent = request(`${gateway.url}/v1/proxy/anthropic/v1/messages`, {
          method: 'POST',
          agent: own,
          headers: { authorization: `Bearer ${n % 2 ? 'mbt_' : ''}${n}` },
        });
        sent.end();
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        response.resume();
        await once(response, 'end');
        statuses.set(response.statusCode!, (statuses.get(response.statusCode!) ?? 0) + 1);
      }
    };
    const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const guessing = Promise.all(agents.map((own) => guess(2_500, own)));
    let done = false;
    void guessing.then(() => {
      done = true;
    });
    while (!done || served.length < 5) {
      const response = await gateway.post({ body: { ...SMALL, max_tokens: served.length + 1 } });
      await response.text();
      served.push(response.status);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const own of agents) own.destroy();
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    expect([...statuses.values()].reduce((sum, count) => sum + count)).toBe(10_000);
    // Fifty in ten seconds, and this may take several times ten seconds.
    expect(statuses.get(429)).toBeGreaterThan(9_000);
    expect(served.every((status) => status === 200)).toBe(true);
    expect(gateway.simulator.requests).toHaveLength(served.length);
  });

  it('who sends one more good token after wrong ones is let in with it', async () => {
    for (let n = 0; n < 60; n++) await refusalFor({ authorization: 'Bearer wrong' });
    expect((await refusalFor({ authorization: 'Bearer wrong' })).status).toBe(429);
    expect((await gateway.post()).status).toBe(200);
  });
});
