import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { CacheChoiceStore } from '../../src/ledger/cache-advice/cache-choice-store.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { type CachedRequest, LOST_LINE, lostEveryTime, writeCached } from '../ledger/cache-advice/samples.ts';
import { writeConfig } from '../security/cli-gateway.ts';

const HAIKU = 'anthropic/claude-haiku-4-5';
const SETTING = `agents.defaults.models["${HAIKU}"].params.cacheControlTtl`;

let home: CliHome;
beforeEach(() => {
  home = cliHome();
  writeConfig(home, { vault: { kind: 'file' } });
});
afterEach(() => home.remove());

const run = (...args: string[]) => runCli(home, args);
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);
const withDatabase = async (use: (database: Database) => unknown) => {
  const database = Database.open(join(home.stateDir, 'state.sqlite'));
  await use(database);
  database.close();
};
const write = (rows: readonly CachedRequest[]) => withDatabase((database) => writeCached(database, rows));

describe('moltbot usage cache', () => {
  it('says why there is nothing, and writes nothing', async () => {
    const { code, stdout } = await run('usage', 'cache');
    expect([code, stdout]).toEqual([0, expect.stringContaining('there is nothing to compare')]);
    expect(await json('usage', 'cache')).toEqual({ schemaVersion: 1, since: expect.any(Number), items: [] });
  });

  it('prints both bills, of one agent where that is asked, and a command that works', async () => {
    await write([
      ...lostEveryTime(Date.now()),
      { agentId: 'reviewer', read: 50_000, admittedAtMs: Date.now() - 60_000 },
    ]);
    expect(await json('usage', 'cache', '--agent', 'main')).toEqual({
      schemaVersion: 1,
      since: expect.any(Number),
      items: [{ ...LOST_LINE, setting: null }],
    });
    const { stdout } = await run('usage', 'cache');
    expect(stdout).toMatch(/claude-haiku-4-5 +73 +7 .*\$9\.500000 +\$9\.500000 +\$2\.030000 +1h, by \$7\.470000\n/);
    const command = /^Set it for .*: moltbot config set '(.*)' (.*)$/m.exec(stdout)!.slice(1);
    expect(command).toEqual([SETTING, '1h']);
    expect((await run('config', 'set', ...command)).code).toBe(0);
    expect((await run('usage', 'cache')).stdout).not.toContain('config set');
    expect((await json('usage', 'cache')).items[0].setting).toBe('1h');
  });

  it.each([
    [['--since', 'soon'], 'That is not a time for --since.'],
    [['--csv', '--json'], '--json and --csv cannot be given together.'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await run('usage', 'cache', ...args);
    expect([code, stdout + stderr]).toEqual([64, expect.stringContaining(sentence)]);
  });
});

describe('moltbot models status with cacheControlTtl "auto"', () => {
  const CHOICE = { model: HAIKU, at5mNanoUsd: 3_000, at1hNanoUsd: 2_000, sessions: 6, chosenAtMs: 1 };
  const OFTEN = { ...CHOICE, known: 66, ttl: '1h' } as const;

  it.each([
    ['nothing chosen yet', [], '5m', '"5m", because the gateway has not chosen yet.'],
    [
      'an hour chosen',
      [OFTEN],
      '1h',
      '"1h", because "5m" would have cost 50.0 % more in the last 30 days (66 requests that go on from another, 6 sessions).',
    ],
    [
      '5 minutes chosen that cost the same',
      [{ ...OFTEN, ttl: '5m' as const, at1hNanoUsd: 3_000 }],
      '5m',
      '"5m", because "1h" would have cost as much in the last 30 days (66 requests that go on from another, 6 sessions).',
    ],
    [
      'too little to choose by',
      [{ ...OFTEN, ttl: '5m' as const, known: 12 }],
      '5m',
      '"5m", because there is not enough data: 12 of 50 requests that go on from another.',
    ],
  ] as const)('says so with %s', async (_case, choices, chosen, why) => {
    const models = { [HAIKU]: { params: { cacheControlTtl: 'auto' } } };
    writeConfig(home, {
      vault: { kind: 'file' },
      agents: { defaults: { models } },
      env: { ANTHROPIC_API_KEY: 'sk-ant-sim-none' },
    });
    await withDatabase((database) => new CacheChoiceStore(database).replace(choices));
    expect((await json('models', 'status')).auth.cachePolicy).toEqual([
      { model: HAIKU, cacheControlTtl: 'auto', chosen, applies: true, why: `Cache marks without a time get ${why}` },
    ]);
  });
});
