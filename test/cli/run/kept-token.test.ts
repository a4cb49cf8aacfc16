import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentBooks } from '../../../src/agents/change-agents.ts';
import type { TokenStore } from '../../../src/agents/token-store.ts';
import { keepToken } from '../../../src/cli/run/kept-token.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/core/time.ts';
import { Database } from '../../../src/database/database.ts';
import { booksOver } from '../../fakes/agent-books.ts';

let dir: string;
let database: Database;
let tokens: TokenStore;
let books: AgentBooks;
let nowMs = 1_000_000;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'moltbot-kept-'));
  database = Database.open(join(dir, 'state.sqlite'));
  books = booksOver(database);
  tokens = books.tokens;
  nowMs = 1_000_000;
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true });
});

const keep = () => keepToken(books, { agentId: 'main', label: 'run: test' }, () => nowMs, 2);
const jump = async (ms: number) => {
  nowMs += ms;
  await sleep(30);
};

describe('the token of a running program', () => {
  it('is renewed in place when half of its time is over, and revoked at the end', async () => {
    const kept = keep();
    await jump(4 * MINUTE_MS);
    expect(tokens.find(kept.accessor)?.expiresAtMs).toBe(1_000_000 + 10 * MINUTE_MS);
    await jump(2 * MINUTE_MS);
    expect(tokens.find(kept.accessor)?.expiresAtMs).toBe(nowMs + 10 * MINUTE_MS);
    kept.end();
    expect(tokens.find(kept.accessor)?.revokedAtMs).toBe(nowMs);
  });

  it('keeps its budget over renewals, and says what it spent of it', async () => {
    const policy = { budget: { usd: 2, enforcement: 'soft' as const } };
    const kept = keepToken(books, { agentId: 'main', label: 'run: test', policy }, () => nowMs, 2);
    await jump(6 * MINUTE_MS);
    expect(tokens.live(nowMs)).toMatchObject([{ accessor: kept.accessor, policy }]);
    const amount = 2_000_000_000;
    expect(kept.left?.()).toEqual({ unit: 'nanoUsd', amount, spent: 0, left: amount, enforcement: 'soft' });
    kept.end();
    const free = keep();
    expect(free.left?.()).toBeUndefined();
    free.end();
  });

  it('comes back after the machine slept and a request was refused, but not after more than a day', async () => {
    const kept = keep();
    nowMs += 8 * 60 * MINUTE_MS;
    tokens.markRefused(kept.accessor, nowMs);
    await sleep(30);
    expect(tokens.live(nowMs).map((token) => token.accessor)).toEqual([kept.accessor]);
    await jump(2 * DAY_MS);
    expect(tokens.live(nowMs)).toEqual([]);
    kept.end();
  });

  it('is not renewed beyond seven days', async () => {
    const kept = keep();
    const startMs = nowMs;
    for (let day = 0; day < 7; day++) await jump(DAY_MS - 5 * MINUTE_MS);
    await jump(30 * MINUTE_MS);
    expect(tokens.find(kept.accessor)?.expiresAtMs).toBe(startMs + 7 * DAY_MS);
    await jump(20 * MINUTE_MS);
    expect(tokens.live(nowMs)).toEqual([]);
    kept.end();
  });
});
