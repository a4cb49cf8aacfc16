import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Admission, Booking, LedgerOutcome } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { admission, BOOKING } from '../ledger/samples.ts';
import { writeConfig } from '../security/cli-gateway.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
  writeConfig(home, { vault: { kind: 'file' } });
});
afterEach(() => home.remove());

const run = (...args: string[]) => runCli(home, args);
const json = async (...args: string[]) => {
  const { stdout } = await run(...args, '--json');
  return JSON.parse(stdout);
};

interface Written extends Partial<Admission> {
  readonly booking?: Booking | null;
  readonly outcome?: LedgerOutcome;
  readonly isSimulated?: boolean;
  readonly firstByteAtMs?: number;
}

const TODAY = Date.now();

async function write(...rows: Written[]): Promise<void> {
  const database = Database.open(join(home.stateDir, 'state.sqlite'));
  const ledger = new Ledger(database, new LedgerStore(database));
  for (const [
    n,
    { booking = BOOKING, outcome = 'ok', isSimulated = false, firstByteAtMs = TODAY, ...admitted },
  ] of rows.entries()) {
    const entry = await ledger.admit({ ...admission(n + 1), admittedAtMs: TODAY - 60_000 + n, ...admitted });
    Object.assign(entry, { booking, isSimulated, status: 200, firstByteAtMs, sentBytes: 1_234 });
    ledger.close(entry, { outcome, endedAtMs: TODAY });
    ledger.flush();
  }
  database.close();
}

describe('moltbot usage', () => {
  it('says how there will be something while there is nothing', async () => {
    for (const args of [['usage'], ['requests']]) {
      const { code, stdout } = await run(...args);
      expect([code, stdout]).toEqual([0, expect.stringContaining('moltbot run')]);
    }
    expect(await json('usage')).toMatchObject({ items: [], total: { requests: 0, costUsd: '0.000000' } });
    expect(await json('requests')).toEqual({ schemaVersion: 1, items: [] });
  });

  it('shows requests, tokens and dollars, and what is in no sum beside them', async () => {
    const unpriced = { ...BOOKING, costNanoUsd: null, usageState: 'estimated' as const };
    await write(
      { booking: { ...BOOKING, cacheReadTokens: 30, costNanoUsd: 19_750_000 } },
      { agentId: 'reviewer', booking: unpriced },
      { agentId: 'reviewer', booking: null, outcome: 'server_error' },
      { isSimulated: true },
      { admittedAtMs: TODAY - 40 * 86_400_000 },
    );
    const { stdout } = await run('usage');
    expect(stdout.split('\n')).toEqual([
      'AGENT     REQUESTS  FAILED  INPUT  CACHE READ  CACHE WRITE  OUTPUT  HITS  SAVED      WASTED     COST',
      'main      1         0       10     30          0            2       75 %  $0.000027  $0.000000  $0.019750',
      'reviewer  2         1       10     0           0            2       0 %   $0.000000  $0.000000  $0.000000 + 1 unpriced',
      'total     3         1       20     30          0            4       60 %  $0.000027  $0.000000  $0.019750 + 1 unpriced',
      expect.stringContaining('1 request of models without a known price: in no sum.'),
      '1 request with figures that are partial or estimated.',
      '1 request to a simulator: not counted.',
      '',
    ]);
    expect(await json('usage', '--agent', 'main')).toEqual({
      schemaVersion: 1,
      since: expect.any(Number),
      by: 'agent',
      timeZone: 'UTC',
      items: [
        {
          agent: 'main',
          requests: 1,
          failed: 0,
          inputTokens: 10,
          cacheReadTokens: 30,
          cacheWriteTokens: 0,
          outputTokens: 2,
          costNanoUsd: 19_750_000,
          costUsd: '0.019750',
          cacheHitRate: 0.75,
          unpriced: 0,
          estimated: 0,
          subscription: 0,
          cacheWrite5mTokens: 0,
          cacheWrite1hTokens: 0,
          reasoningTokens: 0,
          webSearches: 0,
          savedNanoUsd: 27_000,
          savedUsd: '0.000027',
          unvaluedCacheReadTokens: 0,
          heldNanoUsd: 0,
          heldTokens: 0,
          held: 0,
          heldUsd: '0.000000',
          unread5mTokens: 0,
          unread1hTokens: 0,
          wastedNanoUsd: 0,
          wastedUsd: '0.000000',
          unvaluedUnreadTokens: 0,
        },
      ],
      total: expect.objectContaining({ requests: 1, costUsd: '0.019750' }),
      simulated: 1,
      labelsSince: null,
    });
  });

  it('says beside the sums what stays charged to budgets because it never came what it cost', async () => {
    const lost = { requestId: 'mbr_lost', outcome: 'broken', booking: null, reservedNanoUsd: 3_000_000 } as const;
    await write({}, { ...lost, reservedTokens: 1_200 });
    const held = '1 request of which it never came what it used or cost: $0.003000 stay charged to budgets.';
    expect((await run('usage')).stdout).toContain(`$0.000020\n${held}\n`);
    const sums = { costNanoUsd: 20_000, heldNanoUsd: 3_000_000, heldUsd: '0.003000', heldTokens: 1_200, held: 1 };
    expect((await json('usage')).total).toMatchObject(sums);
    const { stdout } = await run('requests', 'show', 'mbr_lost');
    expect(stdout).toMatch(/^held +\$0\.003000 and 1,200 tokens stay charged to budgets: what it used never came$/m);
  });

  it('shows what was wasted on caches that nobody read, but by labels, of which that is not known', async () => {
    const booking = { ...BOOKING, cacheWrite5mTokens: 100_000 };
    await write({ admittedAtMs: TODAY - 3_600_000, booking, firstByteAtMs: TODAY - 3_600_000 });
    expect((await run('usage')).stdout).toMatch(/ WASTED .*\n.* \$0\.025000 /);
    const known = { wastedNanoUsd: 25_000_000, wastedUsd: '0.025000', unread5mTokens: 100_000 };
    expect((await json('usage')).total).toMatchObject(known);
    const unknown = { wastedNanoUsd: null, wastedUsd: null, unread5mTokens: null };
    expect((await json('usage', '--by', 'project')).total).toMatchObject(unknown);
    expect((await run('usage', '--by', 'project')).stdout).toMatch(/ WASTED .*\nweb .* - +\$/);
    expect((await run('usage', '--by', 'project', '--csv')).stdout).toMatch(/,,,,\r\n$/);
  });

  it('counts days in the time zone of the configuration', async () => {
    writeConfig(home, { vault: { kind: 'file' }, timeZone: 'Pacific/Kiritimati' });
    const admittedAtMs = Date.parse('2026-10-01T10:00Z');
    await write({ admittedAtMs: admittedAtMs - 1 }, { admittedAtMs });
    const args = ['usage', '--by', 'day', '--since', '2026-09-01T00:00Z'];
    expect((await run(...args)).stdout).toMatch(/^DAY \(Pacific\/Kiritimati\) .*\n2026-10-01 .*\n2026-10-02 /);
    const { timeZone, items } = await json(...args);
    expect([timeZone, items.map(({ day }: { day: string }) => day)]).toEqual([
      'Pacific/Kiritimati',
      ['2026-10-01', '2026-10-02'],
    ]);
  });

  it('is a table for spreadsheets, in which no name is a formula', async () => {
    await write({ modelServed: 'claude-haiku-4-5' }, { provider: '=cmd', modelServed: 'a,"\u001b[2Jb' });
    const { stdout } = await run('usage', '--by', 'model', '--csv');
    expect(stdout.split('\r\n')).toEqual([
      'model,costUsd,requests,failed,inputTokens,cacheReadTokens,cacheWriteTokens,outputTokens,costNanoUsd,unpriced,estimated,subscription,cacheWrite5mTokens,cacheWrite1hTokens,reasoningTokens,webSearches,savedNanoUsd,unvaluedCacheReadTokens,heldNanoUsd,heldTokens,held,wastedNanoUsd,unread5mTokens,unread1hTokens,unvaluedUnreadTokens',
      `"'=cmd/a,""\\u{1b}[2Jb",0.000020,1,0,10,0,0,2,20000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0`,
      'anthropic/claude-haiku-4-5,0.000020,1,0,10,0,0,2,20000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0',
      '',
    ]);
  });

  it.each([
    [['--by', 'planet'], '--by takes one of: agent, provider, model, profile, day, feature, project, label.'],
    [['--since', 'soon'], 'That is not a time for --since.'],
    [['--csv', '--json'], '--json and --csv cannot be given together.'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await run('usage', ...args);
    expect([code, stdout + stderr]).toEqual([64, expect.stringContaining(sentence)]);
  });
});

describe('moltbot requests', () => {
  it('lists the newest first, of one agent or only what failed', async () => {
    await write({}, { agentId: 'reviewer', outcome: 'server_error', booking: null }, { outcome: 'client_left' });
    const ids = async (...args: string[]) =>
      (await json('requests', ...args)).items.map(({ requestId }: { requestId: string }) => requestId);
    expect(await ids()).toEqual(['mbr_3', 'mbr_2', 'mbr_1']);
    expect(await ids('--failed')).toEqual(['mbr_2']);
    expect(await ids('--agent', 'main', '--limit', '1')).toEqual(['mbr_3']);
    const { stdout } = await run('requests', '--agent', 'main');
    expect(stdout).toMatch(/mbr_3 +main +claude-haiku-4-5 +anthropic:work +client left +200 +\$0\.000020/);
  });

  it('shows one, attempt by attempt', async () => {
    const booking = { ...BOOKING, usageState: 'partial' as const };
    await write(
      { requestId: 'mbr_x', outcome: 'rate_limited', booking: null },
      { requestId: 'mbr_x', attempt: 2, booking },
    );
    const { stdout } = await run('requests', 'show', 'mbr_x');
    expect(stdout.split('\n\n').length).toBe(2);
    expect(stdout).toContain('mbr_x, attempt 2');
    expect(stdout).toMatch(/^cost +\$0\.000020 partial \(price 2026-11\/anthropic\/claude-haiku-4-5\/1\)$/m);
    expect((await json('requests', 'show', 'mbr_x')).items).toMatchObject([
      { kind: 'request', attempt: 1, booking: null, simulated: false, labels: { project: 'web' } },
      { kind: 'request', attempt: 2, booking },
    ]);
  });

  it('says where to look for one that is not there', async () => {
    expect(await run('requests', 'show', 'mbr_none')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'No request with that id was let out to a provider.\nSee the newest: moltbot requests. What became of one that was refused: moltbot why <id>\n',
    });
  });
});
