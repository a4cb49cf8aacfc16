import { describe, expect, it } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';
import { getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

const MINUTES = 60_000;
/** Long enough to be cut in the middle, in events that come steadily. */
const SLOW_ANSWER = { answer: { deltas: 2_000, text: 'on and on' }, pacing: { perEventMs: 20 } };
const STREAM = { ...SMALL, stream: true };

async function answerOf(gateway: TestGateway, token: string) {
  const response = await gateway.post({ token });
  await response.text();
  return [response.status, response.headers.get('x-moltbot-error')];
}

describe('a token of ten minutes', () => {
  it('is good a second before its end and refused a second after it', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { token } = gateway.issue('main', 10 * MINUTES);
    gateway.move(10 * MINUTES - 1_000);
    expect(await answerOf(gateway, token)).toEqual([200, null]);
    gateway.move(2_000);
    expect(await answerOf(gateway, token)).toEqual([401, 'TOKEN_EXPIRED']);
    expect(gateway.simulator.requests).toHaveLength(1);
  });

  it('stays refused once it was refused as expired, when the clock is set back and after a restart', async () => {
    const first = await TestGateway.start({ profiles: ['first'] });
    const { token } = first.issue('main', 10 * MINUTES);
    first.move(11 * MINUTES);
    expect(await answerOf(first, token)).toEqual([401, 'TOKEN_EXPIRED']);
    first.move(-11 * MINUTES);
    expect(await answerOf(first, token)).toEqual([401, 'TOKEN_EXPIRED']);
    first.move(-60 * MINUTES);
    expect(await answerOf(first, token)).toEqual([401, 'TOKEN_EXPIRED']);
    await first.stop();
    const { home, simulator, vault } = first;
    await using second = await TestGateway.start({ home, simulator, vault });
    expect(await answerOf(second, token)).toEqual([401, 'TOKEN_EXPIRED']);
    expect(await answerOf(second, second.token)).toEqual([200, null]);
  });

  it('is expired after a sleep that was longer than it, and others are not touched by that', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const short = gateway.issue('main', 10 * MINUTES).token;
    const long = gateway.issue('main', 60 * MINUTES).token;
    gateway.move(30 * MINUTES);
    expect([await answerOf(gateway, short), await answerOf(gateway, long)]).toEqual([
      [401, 'TOKEN_EXPIRED'],
      [200, null],
    ]);
  });

  it('cannot be renewed by whoever holds it', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { token, accessor } = gateway.issue('main', 10 * MINUTES);
    for (const path of [
      '/v1/tokens',
      '/v1/tokens/renew',
      `/v1/tokens/${accessor}`,
      '/api/v1/tokens',
      '/v1/self',
      '/oauth/token',
    ]) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const response = await fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${token}` } });
        await response.text();
        expect(response.status).toBeGreaterThanOrEqual(400);
      }
    }
    gateway.move(10 * MINUTES);
    expect(await answerOf(gateway, token)).toEqual([401, 'TOKEN_EXPIRED']);
  });
});

describe('a revoked token', () => {
  it('is refused at the next request, its stream is cut within a second, and so it stays after kill -9', async () => {
    await using setup = await setUpCli();
    const { home, simulator } = setup;
    simulator.setScript({ rules: [{ stream: true, ...SLOW_ANSWER }] });
    const gateway = await runGateway(home);
    const { token, accessor } = await getToken(home);
    const other = await getToken(home);
    expect((await messages(gateway.url, token, SMALL)).status).toBe(200);
    const streams = await Promise.all(
      [token, other.token].map((each) => watchStream(messages(gateway.url, each, STREAM))),
    );

    expect((await runCli(home, ['revoke', accessor])).code).toBe(0);
    const revokedAtMs = Date.now();
    const refused = await messages(gateway.url, token, SMALL);
    expect([refused.status, refused.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    await streams[0]!.ended;
    // A second is promised; a busy test machine gets another.
    expect(Date.now() - revokedAtMs).toBeLessThan(2_000);
    expect(streams[0]!.text()).toMatch(/event: error\n/);
    expect(streams[0]!.text()).not.toContain('message_stop');

    expect(streams[1]!.isOpen()).toBe(true);
    expect((await messages(gateway.url, other.token, SMALL)).status).toBe(200);
    await gateway.kill();
    const again = await runGateway(home);
    const stillRefused = await messages(again.url, token, SMALL);
    expect([stillRefused.status, stillRefused.headers.get('x-moltbot-error')]).toEqual([401, 'TOKEN_REVOKED']);
    expect((await messages(again.url, other.token, SMALL)).status).toBe(200);

    expect((await runCli(home, ['revoke', '--all'])).code).toBe(0);
    expect((await messages(again.url, other.token, SMALL)).status).toBe(401);
    await again.kill();
  });

  it('is not to be had from its accessor, its hash or the database', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const [row] = gateway.database.all<{ token_hash: Uint8Array }>('SELECT token_hash FROM access_tokens');
    const hash = Buffer.from(row!.token_hash);
    const guesses = [hash.toString('hex'), hash.toString('base64'), hash.toString('base64url')];
    for (const guess of [...guesses, ...guesses.map((text) => `mbt_${text}`)]) {
      expect(await answerOf(gateway, guess)).toEqual([401, 'TOKEN_REJECTED']);
    }
    const dump = JSON.stringify(gateway.database.all('SELECT * FROM access_tokens'));
    expect(dump).not.toContain(gateway.token);
  });
});

/** Reads a stream along; resolves when its first bytes are there. */
async function watchStream(answer: Promise<Response>) {
  const reader = (await answer).body!.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader.read()).value);
  let open = true;
  const ended = (async () => {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    open = false;
  })();
  return { ended, isOpen: () => open, text: () => text };
}
