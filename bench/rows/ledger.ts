import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/database/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Admission } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { type Figure, figure } from '../figure.ts';
import type { Laboratory } from '../laboratory.ts';
import { alternate } from './alternate.ts';

const CASES = [
  { concurrency: 1, atMost: 4 },
  { concurrency: 32, atMost: 1 },
] as const;
const REQUESTS = 5_000;
const WARM_UP = 1_000;

/** What writing a request down costs (admitted, committed, completed, committed) against two commits of one small row. */
export async function ledger(laboratory: Laboratory): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-bench-ledger-'));
  const database = Database.open(join(directory, 'state.sqlite'), 'gateway');
  const book = new Ledger(database, new LedgerStore(database));
  database.exec('CREATE TABLE bare (n INTEGER NOT NULL)');
  const figures: Figure[] = [];
  for (const { concurrency, atMost } of CASES) {
    const contestants = [
      { name: 'moltbot', each: (n: number) => writeDown(book, n) },
      { name: 'two commits', each: async (n: number) => commitTwice(database, n) },
    ];
    for (const { each } of contestants) await cpuUs(concurrency, WARM_UP, each);
    const all = await alternate(contestants, laboratory.runs, ({ each }) => cpuUs(concurrency, REQUESTS, each));
    const [measured, peer] = contestants.map(({ name }) => ({ name, runs: all.get(name)! }));
    const goal = { of: 'ratio', is: 'at most', value: atMost } as const;
    figures.push(figure(`ledger: one request, ${concurrency} at a time`, 'µs CPU', measured!, peer!, goal));
  }
  database.close();
  rmSync(directory, { recursive: true });
  return figures;
}

/** CPU time of this process per request. */
async function cpuUs(concurrency: number, requests: number, each: (n: number) => Promise<void>): Promise<number> {
  let next = 0;
  const work = async () => {
    while (next < requests) await each(next++);
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: concurrency }, work));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}

async function writeDown(book: Ledger, n: number): Promise<void> {
  const entry = await book.admit(admissionOf(n));
  entry.status = 200;
  await new Promise<void>((resolve) => book.close(entry, { outcome: 'ok', endedAtMs: n }, () => resolve()));
}

function commitTwice(database: Database, n: number): void {
  for (let time = 0; time < 2; time++) database.transaction(() => database.run('INSERT INTO bare VALUES (?)', n));
}

function admissionOf(n: number): Admission {
  return {
    requestId: `mbr_${n.toString(16).padStart(24, '0')}`,
    attempt: 1,
    admittedAtMs: n,
    agentId: 'main',
    accessor: 'acc_0123456789abcdef0123',
    session: 's'.repeat(43),
    profileAgentId: 'main',
    profileId: 'anthropic:default',
    provider: 'anthropic',
    route: 'messages',
    modelAsked: 'claude-haiku-4-5',
    modelServed: 'claude-haiku-4-5',
    isStream: false,
    labels: null,
    isSubscription: false,
    tokenLabel: null,
    reservedNanoUsd: null,
    reservedTokens: null,
    boundNanoUsd: null,
    boundTokens: null,
  };
}
