import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Admission, Booking } from '../../src/ledger/ledger-row.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { admission, BOOKING } from '../ledger/samples.ts';
import { writeConfig } from '../security/cli-gateway.ts';

const DAY = Date.UTC(2026, 10, 20);

let home: CliHome;
let file: string;
beforeEach(() => {
  home = cliHome();
  file = join(home.directory, 'export.csv');
  writeConfig(home, { vault: { kind: 'file' } });
});
afterEach(() => home.remove());

interface Written extends Partial<Admission> {
  readonly booking?: Booking;
  readonly isSimulated?: boolean;
}

async function write(...rows: Written[]): Promise<void> {
  const database = Database.open(join(home.stateDir, 'state.sqlite'));
  const ledger = new Ledger(database, new LedgerStore(database));
  for (const [n, { booking = BOOKING, isSimulated = false, ...admitted }] of rows.entries()) {
    const entry = await ledger.admit({ ...admission(n + 1), admittedAtMs: DAY + n, ...admitted });
    Object.assign(entry, { booking, isSimulated, status: 200 });
    ledger.close(entry, { outcome: 'ok', endedAtMs: DAY });
    ledger.flush();
  }
  database.close();
}

const reconcile = (text: string, ...args: string[]) => {
  writeFileSync(file, text);
  return runCli(home, ['usage', 'reconcile', '--provider', 'anthropic', '--csv', file, ...args]);
};

const HEAD = 'usage_date_utc,model_version,usage_input_tokens_no_cache,usage_output_tokens';
const EXPORT = [HEAD, '2026-11-20,claude-haiku-4-5-20251001,12,2', '2026-11-21,=cmd\u001b[2J,1000,0'].join('\n');

describe('moltbot usage reconcile', () => {
  it('shows what differs, by day and model, and nothing of simulators, subscriptions, other days or other providers', async () => {
    await write(
      {},
      { modelServed: 'claude-opus-4-7', booking: { ...BOOKING, costNanoUsd: null } },
      { isSimulated: true },
      { isSubscription: true },
      { admittedAtMs: DAY - 1 },
      { admittedAtMs: DAY + 2 * 86_400_000 },
      { provider: 'xai' },
    );
    const { code, stdout } = await reconcile(EXPORT);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'DAY         MODEL             FIGURE         OURS  THEIRS  DIFFERENCE',
      '2026-11-20  claude-haiku-4-5  input tokens   10    12      +2',
      '2026-11-20  claude-opus-4-7   input tokens   10    0       -10',
      '2026-11-20  claude-opus-4-7   output tokens  2     0       -2',
      '2026-11-21  =cmd\\u{1b}[2J     input tokens   0     1,000   +1,000',
      'total                         input tokens   20    1,012   +992',
      'total                         output tokens  4     2       -2',
      'From 2026-11-20 to 2026-11-21 (UTC), 2 of 6 figures are the same.',
      '',
    ]);
    const { stdout: json } = await reconcile(EXPORT, '--json');
    expect(JSON.parse(json)).toMatchObject({
      schemaVersion: 1,
      provider: 'anthropic',
      from: '2026-11-20',
      until: '2026-11-21',
      figures: ['inputTokens', 'outputTokens'],
      total: { difference: { inputTokens: 992, outputTokens: -2 } },
      unpriced: 1,
      items: [
        { day: '2026-11-20', model: 'claude-haiku-4-5', ours: { inputTokens: 10 }, theirs: { inputTokens: 12 } },
        {},
        {},
      ],
    });
  });

  it('sets dollars beside dollars, by day alone where the export names no model', async () => {
    await write({}, { modelServed: 'claude-opus-4-7' }, { booking: { ...BOOKING, costNanoUsd: null } });
    const { stdout } = await reconcile('usage_date_utc,cost_usd\n2026-11-20,0.00003', '--all');
    expect(stdout.split('\n')).toEqual([
      'DAY         MODEL  FIGURE  OURS       THEIRS     DIFFERENCE',
      '2026-11-20  -      cost    $0.000040  $0.000030  -$0.000010',
      'total              cost    $0.000040  $0.000030  -$0.000010',
      'From 2026-11-20 to 2026-11-20 (UTC), 0 of 1 figures are the same.',
      'Requests of ours without a known price, which are not in our cost: 1.',
      '',
    ]);
  });

  it('has everything at the provider where nothing was used here, and says so of an empty export', async () => {
    expect((await reconcile(EXPORT)).stdout).toContain(
      'total                         input tokens   0     1,012   +1,012',
    );
    expect((await reconcile(HEAD)).stdout).toBe('There is nothing in that file: no line has a figure.\n');
    expect(JSON.parse((await reconcile(HEAD, '--json')).stdout)).toMatchObject({ from: null, items: [] });
  });

  it('refuses what is no export, and repeats nothing of it', async () => {
    const canary = `sk-ant-${'c4'.repeat(30)}`;
    const { code, stdout, stderr } = await reconcile(`${HEAD}\n${canary},${canary},1,1`);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([
      64,
      '',
      'Line 2 of the file: what stands under usage_date_utc is not a day.',
    ]);
    expect(stderr).not.toContain(canary);
    const absent = await runCli(home, [
      'usage',
      'reconcile',
      '--provider',
      'anthropic',
      '--csv',
      join(home.directory, 'none'),
    ]);
    expect([absent.code, absent.stderr]).toEqual([64, expect.stringContaining('is not there.')]);
  });
});
