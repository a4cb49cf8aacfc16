import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { USAGE_GROUPS, usageReport } from '../../src/ledger/usage-report.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { OWN_PRICES, WIRE_ANSWERS, type WireAnswer } from './wire-answers.ts';

const NOVEMBER = Date.UTC(2026, 10, 21, 12);
const ENCODE = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };
/** How many bytes a write has: events, characters and numbers are cut everywhere. */
const PIECES = [1, 13, 1_000_000];

let gateway: TestGateway;
let pieceBytes = 1_000_000;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => void send(response, WIRE_ANSWERS[Number(request.headers['x-case'])]!));
});

async function send(response: ServerResponse, { answer, encoding, isBroken }: WireAnswer): Promise<void> {
  const isStream = typeof answer === 'string';
  const bytes = Buffer.from(isStream ? answer : JSON.stringify(answer));
  const body = encoding ? ENCODE[encoding](bytes) : bytes;
  response.socket?.setNoDelay();
  response.writeHead(200, {
    'content-type': isStream ? 'text/event-stream' : 'application/json',
    ...(encoding && { 'content-encoding': encoding }),
  });
  for (let at = 0; at < body.length; at += pieceBytes) {
    response.write(body.subarray(at, at + pieceBytes));
    await setImmediate();
  }
  if (isBroken) response.destroy();
  else response.end();
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const families = ['anthropic', 'openai', 'xai'] as const;
  const providers = Object.fromEntries(families.map((family) => [family, { baseUrl: origin }]));
  gateway = await TestGateway.start({
    standsAtMs: NOVEMBER,
    config: { models: { providers, prices: OWN_PRICES }, gateway: { brake: { requests: 100_000 } } },
  });
  const place = { agentId: 'main', type: 'api_key' as const, baseUrl: null, expiresAtMs: null, expiryAssumed: false };
  for (const provider of families) {
    const secret = new Secret(`${{ anthropic: 'sk-ant', openai: 'sk', xai: 'xai' }[provider]}-sim-${'x'.repeat(30)}`);
    await gateway.credentials.save({ ...place, profileId: `${provider}:first`, provider, secret, origin }, NOVEMBER);
  }
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

async function rowOf(index: number) {
  const { path, request } = WIRE_ANSWERS[index]!;
  const answer = await gateway.post({ path, body: request, headers: { 'x-case': String(index) } });
  await answer.text().catch(() => undefined);
  const row = () => new LedgerStore(gateway.database).newest({ limit: 1 })[0]!;
  await expect.poll(() => row().outcome).not.toBeNull();
  return row();
}

describe('what a provider says of its use', () => {
  it.each(WIRE_ANSWERS.map((answer, index) => ({ ...answer, index })))(
    'is in the ledger, to the nano-dollar, wherever it is cut: $what',
    async ({ index, booking, outcome = 'ok' }) => {
      for (const bytes of PIECES) {
        pieceBytes = bytes;
        const row = await rowOf(index);
        expect([bytes, row.outcome, row.isSimulated, row.booking]).toEqual([bytes, outcome, false, booking]);
      }
    },
    60_000,
  );

  it('adds up to every report', () => {
    const bookings = WIRE_ANSWERS.flatMap(({ booking }) => PIECES.map(() => booking));
    const sum = (of: (booking: (typeof bookings)[number]) => number) =>
      bookings.reduce((total, each) => total + of(each), 0);
    for (const by of USAGE_GROUPS) {
      const { lines, total } = usageReport(gateway.database, {
        sinceMs: 0,
        nowMs: NOVEMBER,
        by,
        ownPrices: OWN_PRICES,
      });
      expect([by, total]).toMatchObject([
        by,
        {
          requests: bookings.length,
          inputTokens: sum(({ inputTokens }) => inputTokens),
          cacheReadTokens: sum(({ cacheReadTokens }) => cacheReadTokens),
          cacheWriteTokens: sum(({ cacheWrite5mTokens: short, cacheWrite1hTokens: long }) => short + long),
          outputTokens: sum(({ outputTokens }) => outputTokens),
          reasoningTokens: sum(({ reasoningTokens }) => reasoningTokens),
          webSearches: sum(({ webSearches }) => webSearches),
          costNanoUsd: sum(({ costNanoUsd }) => costNanoUsd ?? 0),
          unpriced: sum(({ costNanoUsd }) => (costNanoUsd === null ? 1 : 0)),
          estimated: sum(({ usageState }) => (usageState === 'reported' ? 0 : 1)),
        },
      ]);
      expect(lines.reduce((cost, line) => cost + line.costNanoUsd, 0)).toBe(total.costNanoUsd);
    }
  });
});
