import { describe, expect, it } from 'vitest';
import type { Budget } from '../../src/budgets/budget.ts';
import { spentSince } from '../../src/budgets/spent.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

const bookings = (gateway: TestGateway) =>
  new LedgerStore(gateway.database).after({ limit: 100 }).map(({ route, booking }) => [route, booking?.costNanoUsd]);
const get = (gateway: TestGateway, path: string, headers: Record<string, string> = {}) =>
  gateway.send(`/v1/proxy/openai/v1/${path}`, { method: 'GET', headers });
const started = (usage: object, names = ['first']) =>
  TestGateway.start({
    profiles: names.map((name) => ({ name, provider: 'openai' as const })),
    script: { answer: { usage: { ...usage } }, models: ['gpt-5.4'], pacing: { pieceBytes: 100 } },
  });

describe('a batch of files', () => {
  const request = (n: number, model: string) => ({
    custom_id: `c${n}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model, messages: [{ role: 'user', content: 'Hi' }] },
  });
  const USAGE = { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 };

  async function outputOf(gateway: TestGateway): Promise<{ input: string; output: string }> {
    const form = new FormData();
    form.set('purpose', 'batch');
    // The simulator knows no such second model, and refuses it by itself.
    const lines = [request(1, 'gpt-5.4'), request(2, 'gpt-none'), request(3, 'gpt-5.4')];
    form.set('file', new Blob([lines.map((line) => JSON.stringify(line)).join('\n')]), 'in.jsonl');
    const upload = await fetch(`${gateway.url}/v1/proxy/openai/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token}` },
      body: form,
    });
    const { id: input } = (await upload.json()) as { id: string };
    const body = { input_file_id: input, endpoint: '/v1/chat/completions', completion_window: '24h' };
    const made = await gateway.post({ path: 'openai/v1/batches', body });
    const batch = (await made.json()) as { id: string; output_file_id: string };
    await get(gateway, `batches/${batch.id}`);
    return { input, output: batch.output_file_id };
  }

  it('is booked when the file with its results comes, at half the price, once, and also when only a part is asked for', async () => {
    await using gateway = await started(USAGE);
    const { input, output } = await outputOf(gateway);
    expect((await get(gateway, `files/${input}/content`)).status).toBe(200);
    const first = await get(gateway, `files/${output}/content`, { range: 'bytes=0-10', 'if-range': '"x"' });
    expect([first.status, first.body.toString().trimEnd().split('\n').length]).toEqual([200, 2]);
    expect((await get(gateway, `files/${output}/content`)).body).toEqual(first.body);
    expect(bookings(gateway)).toEqual([
      ['files', undefined],
      ['batches', undefined],
      ['batches/{id}', undefined],
      ['files/{id}/content', undefined],
      // 2 × (1,000 × 2,500 + 50 × 15,000) / 2
      ['files/{id}/content', 3_250_000],
      ['files/{id}/content', undefined],
    ]);
    expect(gateway.simulator.requests.flatMap(({ rawHeaders }) => rawHeaders).includes('range')).toBe(false);
  });

  it('gives its results through the profile that made it', async () => {
    await using gateway = await started(USAGE, ['first', 'second']);
    gateway.simulator.setScript({
      answer: { usage: USAGE },
      rules: [{ credential: 'first', first: 1, fail: { kind: 'error', error: 'rate_limit' } }],
    });
    await (await gateway.post({ path: 'openai/v1/embeddings', body: { model: 'gpt-5.4', input: 'Hi' } })).text();
    const { output } = await outputOf(gateway);
    gateway.move(600_000);
    expect((await get(gateway, `files/${output}/content`)).status).toBe(200);
  });
});

describe('a response in the background', () => {
  const USAGE = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };
  const body = { model: 'gpt-5.4', input: 'Hi', background: true };

  it('is booked when it is fetched, once', async () => {
    await using gateway = await started(USAGE);
    const made = await gateway.post({ path: 'openai/v1/responses', body });
    const { id, status } = (await made.json()) as { id: string; status: string };
    expect(status).toBe('queued');
    for (let times = 0; times < 3; times++) await get(gateway, `responses/${id}`);
    // 100 × 2,500 + 10 × 15,000
    expect(bookings(gateway)).toEqual([
      ['responses', undefined],
      ['responses/{id}', 400_000],
      ['responses/{id}', undefined],
      ['responses/{id}', undefined],
    ]);
  });

  it.each([
    ['dearer than what it used', 100],
    ['cheaper than what it used', 100_000],
  ])('is charged to budgets once: what was held for it, %s, or what it used', async (_, output_tokens) => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', provider: 'openai' }],
      config: { budgets: { all: { scope: 'everything', usd: 100, per: 'total' } } },
      script: {
        answer: { usage: { ...USAGE, output_tokens, total_tokens: 100 + output_tokens } },
        models: ['gpt-5.4'],
      },
    });
    const spent = () => spentSince(gateway.database, { scope: {} } as Budget, 0).nanoUsd;
    // 100 × 2,500 + its output × 15,000
    const cost = 250_000 + output_tokens * 15_000;
    const made = await gateway.post({ path: 'openai/v1/responses', body: { ...body, max_output_tokens: 10_000 } });
    const { id } = (await made.json()) as { id: string };
    const held = spent();
    expect([held > 0, held > cost]).toEqual([true, output_tokens === 100]);
    for (let times = 0; times < 2; times++) await get(gateway, `responses/${id}`);
    expect(spent()).toBe(Math.max(held, cost));
    expect(bookings(gateway)[1]).toEqual(['responses/{id}', cost]);
    expect(verifyLedger(gateway.database).fault).toBeUndefined();
  });

  it('is booked when it is told in a stream to its end, and not again when it is fetched', async () => {
    await using gateway = await started(USAGE);
    const made = await gateway.post({ path: 'openai/v1/responses', body: { ...body, stream: true } });
    const id = /"id":"(resp_[^"]+)"/.exec(await made.text())![1]!;
    await get(gateway, `responses/${id}`);
    expect(bookings(gateway)).toEqual([
      ['responses', 400_000],
      ['responses/{id}', undefined],
    ]);
  });

  it('whose stream breaks off is booked when it is fetched', async () => {
    await using gateway = await started(USAGE);
    gateway.simulator.setScript({
      answer: { usage: USAGE },
      rules: [{ stream: true, fail: { kind: 'truncate', afterEvents: 3 } }],
    });
    const made = await gateway.post({ path: 'openai/v1/responses', body: { ...body, stream: true } });
    const id = /"id":"(resp_[^"]+)"/.exec(await made.text())![1]!;
    await get(gateway, `responses/${id}`);
    expect(bookings(gateway)).toEqual([
      ['responses', undefined],
      ['responses/{id}', 400_000],
    ]);
  });

  it('that was made in the foreground is not booked again when it is fetched', async () => {
    await using gateway = await started(USAGE);
    const made = await gateway.post({ path: 'openai/v1/responses', body: { ...body, background: false } });
    const { id } = (await made.json()) as { id: string };
    await get(gateway, `responses/${id}`);
    expect(bookings(gateway)).toEqual([
      ['responses', 400_000],
      ['responses/{id}', undefined],
    ]);
  });
});
