import { describe, expect, it } from 'vitest';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const BOTH = ['first', 'second'];
const bodyOf = (body: Buffer) => JSON.parse(body.toString()) as Record<string, string>;
const ANTHROPIC = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'files-api-2025-04-14' };

/** The names of the credentials that the provider saw. */
const asked = (gateway: TestGateway) => gateway.served().map((line) => line.split(' ')[0]);

function upload(gateway: TestGateway, session: string): ReturnType<TestGateway['send']> {
  const body = ['--b', 'content-disposition: form-data; name="file"; filename="a.txt"', '', 'hello', '--b--', ''];
  return gateway.send('/v1/proxy/anthropic/v1/files', {
    headers: { ...ANTHROPIC, 'x-session-id': session, 'content-type': 'multipart/form-data; boundary=b' },
    body: body.join('\r\n'),
  });
}

function batch(gateway: TestGateway): ReturnType<TestGateway['send']> {
  const requests = [{ custom_id: 'one', params: SMALL }];
  return gateway.send('/v1/proxy/anthropic/v1/messages/batches', {
    headers: ANTHROPIC,
    body: JSON.stringify({ requests }),
  });
}

describe('a file', () => {
  it('is read and deleted with the profile that uploaded it', async () => {
    await using gateway = await TestGateway.start({ profiles: BOTH });
    const { id } = bodyOf((await upload(gateway, 'a')).body);
    for (const method of ['GET', 'GET', 'DELETE']) {
      const answer = await gateway.send(`/v1/proxy/anthropic/v1/files/${id}`, { method, headers: ANTHROPIC });
      expect(answer.status).toBe(200);
    }
    expect(asked(gateway)).toEqual(['first', 'first', 'first', 'first']);
  });

  it('named in a message takes the message to its profile, which fails rather than moves', async () => {
    await using gateway = await TestGateway.start({ profiles: BOTH });
    const { id } = bodyOf((await upload(gateway, 'a')).body);
    const content = [{ type: 'document', source: { type: 'file', file_id: id } }];
    const message = { body: { ...SMALL, messages: [{ role: 'user', content }] }, headers: ANTHROPIC };
    for (let turn = 0; turn < 2; turn++) expect((await gateway.post(message)).status).toBe(200);
    gateway.simulator.addRules({
      credential: 'first',
      fail: { kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds: 120 }] },
    });
    for (let turn = 0; turn < 2; turn++) expect((await gateway.post(message)).status).toBe(429);
    expect(asked(gateway)).toEqual(['first', 'first', 'first', 'first']);
  });

  it('is sent once: a refusal of the first profile is the answer', async () => {
    await using gateway = await TestGateway.start({
      profiles: BOTH,
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'authentication' } }] },
    });
    expect((await upload(gateway, 'a')).status).toBe(401);
    expect(gateway.served()).toEqual(['first 401']);
    expect((await upload(gateway, 'a')).status).toBe(200);
    expect(gateway.served()).toEqual(['first 401', 'second 200']);
  });

  it('arrives whole, with the length the client announced', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    expect((await upload(gateway, 'a')).status).toBe(200);
    const [request] = gateway.simulator.requests;
    const at = request!.rawHeaders.findIndex((name) => name.toLowerCase() === 'content-length');
    expect(request!.rawHeaders[at + 1]).toBe(String(request!.bodyBytes));
    expect(request!.body.toString()).toContain('hello');
  });
});

describe('a batch', () => {
  it('belongs to its profile over a restart', async () => {
    const before = await TestGateway.start({ profiles: BOTH });
    const { id } = bodyOf((await batch(before)).body);
    const { home, simulator, vault } = before;
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault });
    for (let turn = 0; turn < 2; turn++) {
      const answer = await gateway.send(`/v1/proxy/anthropic/v1/messages/batches/${id}`, {
        method: 'GET',
        headers: ANTHROPIC,
      });
      expect(answer.status).toBe(200);
    }
    expect(asked(gateway)).toEqual(['first', 'first', 'first']);
  });

  it('links to its results at the gateway, where they can be read', async () => {
    await using gateway = await TestGateway.start({ profiles: BOTH });
    const { id } = bodyOf((await batch(gateway)).body);
    const path = `/v1/proxy/anthropic/v1/messages/batches/${id}`;
    let resultsUrl: string | null = null;
    await expect
      .poll(async () => {
        const answer = await gateway.send(path, { method: 'GET', headers: ANTHROPIC });
        resultsUrl = bodyOf(answer.body).results_url ?? null;
        return resultsUrl;
      })
      .toBe(`${gateway.url}${path}/results`);
    const results = await gateway.send(resultsUrl!.slice(gateway.url.length), { method: 'GET', headers: ANTHROPIC });
    expect(results.status).toBe(200);
    expect(results.body.toString()).toContain('"custom_id":"one"');
  });

  it('of another agent is not known to this one', async () => {
    await using gateway = await TestGateway.start({ profiles: [...BOTH, { name: 'own', agentId: 'reviewer' }] });
    const { id } = bodyOf((await batch(gateway)).body);
    const answer = await gateway.send(`/v1/proxy/anthropic/v1/messages/batches/${id}`, {
      method: 'GET',
      headers: ANTHROPIC,
      token: gateway.issue('reviewer').token,
    });
    expect(answer.status).toBe(404);
    expect(asked(gateway)).toEqual(['first', 'own']);
  });
});

describe('an access token for one profile', () => {
  it('does not reach another by naming what belongs to it', async () => {
    await using gateway = await TestGateway.start({ profiles: BOTH });
    const { id } = bodyOf((await batch(gateway)).body);
    const grant = { agentId: 'main', profileId: 'anthropic:second', ttlMs: 60_000 };
    const { token } = gateway.tokens.issue(grant, gateway.now());
    const answer = await gateway.send(`/v1/proxy/anthropic/v1/messages/batches/${id}`, {
      method: 'GET',
      headers: ANTHROPIC,
      token: token.reveal(),
    });
    expect(answer.status).toBe(404);
    expect(asked(gateway)).toEqual(['first', 'second']);
  });
});

describe('a stored response', () => {
  const OPENAI = [
    { name: 'first', provider: 'openai' },
    { name: 'second', provider: 'openai' },
  ] as const;

  it.each([true, false])('is followed up with its profile (streamed: %s)', async (stream) => {
    await using gateway = await TestGateway.start({ profiles: OPENAI });
    const path = 'openai/v1/responses';
    const made = await gateway.post({
      path,
      body: { model: 'gpt-5', input: 'Hi', stream },
      headers: { 'session-id': 'a' },
    });
    const id = /"id":"(resp_[^"]+)"/.exec(await made.text())![1]!;
    const next = {
      path,
      body: { model: 'gpt-5', input: 'More', previous_response_id: id },
      headers: { 'session-id': 'b' },
    };
    expect((await gateway.post(next)).status).toBe(200);
    const read = await gateway.send(`/v1/proxy/openai/v1/responses/${id}`, { method: 'GET' });
    expect(read.status).toBe(200);
    expect(asked(gateway)).toEqual(['first', 'first', 'first']);
  });
});
