import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { windowAt } from '../../src/budgets/window.ts';
import { Secret } from '../../src/core/secret.ts';
import { formatInZone } from '../../src/core/time.ts';
import { Database } from '../../src/database/database.ts';
import { costing, type WrittenRow, writeRows } from '../budgets/written-rows.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { writeConfig } from '../security/cli-gateway.ts';

const USD = 1_000_000_000;

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const run = (...args: string[]) => runCli(home, args);
const json = async (...args: string[]) => {
  const { code, stdout } = await run(...args, '--json');
  return { code, value: JSON.parse(stdout) };
};
const refusal = async (...args: string[]) => {
  const { code, value } = await json(...args);
  return [code, value.error?.code];
};
const configText = () => readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8');
const configure = (config: Record<string, unknown>) => writeConfig(home, { vault: { kind: 'file' }, ...config });

async function inDatabase<T>(work: (database: Database) => T | Promise<T>): Promise<T> {
  const database = Database.open(join(home.stateDir, 'state.sqlite'));
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
/** As if let out now: in every window, whenever this runs. */
const spend = (...rows: WrittenRow[]) => inDatabase((database) => writeRows(database, Date.now(), rows));
const bounded = (reserved: number, bound: number): WrittenRow => ({
  reservedNanoUsd: reserved * USD,
  reservedTokens: reserved * 100,
  boundNanoUsd: bound * USD,
  boundTokens: bound * 100,
});

describe('moltbot budget set', () => {
  it('caps an agent, and says the cap, when it resets and what is spent', async () => {
    configure({ timeZone: 'Asia/Kolkata' });
    const { code, stdout, stderr } = await run('budget', 'set', '--usd', '5', '--per', 'day');
    const resets = formatInZone(windowAt('day', 'Asia/Kolkata', Date.now()).endMs!, 'Asia/Kolkata');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([
      'Budget "main": at most $5.00 a day for agent "main". It is soft: requests that run when it is reached may pass it.',
      `It resets at ${resets}. Spent in this window: $0.00 of $5.00 (0 %).`,
      expect.stringMatching(/^Changed budgets\.main in .*moltbot\.json \(gateway host .+\)\.$/),
      '',
    ]);
    expect(resets).toMatch(/ 00:00 Asia\/Kolkata$/);
  });

  it('changes only what is typed, keeps comments, and is written down', async () => {
    configure({});
    writeFileSync(
      join(home.stateDir, 'moltbot.json'),
      '{\n  vault: { kind: "file" },\n  budgets: {\n    // agreed with Ada\n    main: { usd: 5, per: "day" }, // for now\n  },\n}\n',
    );
    expect((await run('budget', 'set', '--usd', '10', '--hard', '--alert-at', '50%', '--alert-at', '90')).code).toBe(0);
    expect(configText()).toBe(
      '{\n  vault: { kind: "file" },\n  budgets: {\n    // agreed with Ada\n    main: { usd: 10, per: "day", enforcement: "hard", alertAt: [0.5, 0.9] }, // for now\n  },\n}\n',
    );
    expect((await run('budget', 'set', 'main', '--soft', '--tokens', '2000', '--alert-at', 'none')).code).toBe(0);
    expect(configText()).toContain('main: { per: "day", alertAt: [], tokens: 2000 }, // for now');
    const rows = await inDatabase((database) => new AuditLog(database).after({ limit: 10 }));
    expect(rows.map(({ action, detail }) => [action, detail.keys])).toEqual([
      ['config.changed', ['budgets.main.usd', 'budgets.main.enforcement', 'budgets.main.alertAt']],
      ['config.changed', expect.arrayContaining(['budgets.main.tokens'])],
    ]);
    expect((await run('budget', 'set', '--tokens', '2000')).stdout).toContain('Nothing to change in');
  });

  it('counts what it is told to count', async () => {
    const models = { 'anthropic/claude-opus-4-7': { alias: 'opus' } };
    configure({ agents: { defaults: { models } } });
    await run('agents', 'add', 'reviewer');
    const week = ['--usd', '5', '--per', 'week'];
    const scopeOf = async (...args: string[]) => (await json('budget', 'set', ...args, ...week)).value.budget.scope;
    expect(await scopeOf('--everything')).toEqual({});
    expect(await scopeOf('--agent', 'reviewer')).toEqual({ agent: 'reviewer' });
    expect(await scopeOf('opus', '--model', 'opus')).toEqual({ model: 'anthropic/claude-opus-4-7' });
    expect(await scopeOf('team', '--label', 'team', '--profile', 'main/anthropic:env')).toEqual({
      label: 'team',
      profile: 'main/anthropic:env',
    });
    expect(await scopeOf('opus', '--agent', 'reviewer')).toEqual({
      agent: 'reviewer',
      model: 'anthropic/claude-opus-4-7',
    });
    const { budgets } = (await json('config', 'get')).value.value;
    expect(Object.keys(budgets)).toEqual(['everything', 'reviewer', 'opus', 'team']);
    expect(budgets.reviewer.scope).toBeUndefined();
  });

  it('of a hard one says the largest reservation in use, how many fit, and warns of fewer than three', async () => {
    configure({});
    await spend(bounded(3.2, 3.2), { ...bounded(9, 9), agentId: 'other' });
    const { stdout, stderr } = await run('budget', 'set', '--usd', '9', '--per', 'day', '--hard');
    expect(stdout).toContain('It is hard: never passed.');
    expect(stderr.split('\n')).toEqual([
      'The largest reservation in use is $3.20 (anthropic/claude-haiku-4-5): 2 such requests fit at once.',
      expect.stringMatching(/^Warning: under 3 at once.*\["anthropic\/claude-haiku-4-5"\]\.params\.maxOutputTokens/),
      'Under a hard budget batches and files are refused unless the policy of agent "main" names them: moltbot agents set main --routes generate,count,models,embeddings,responses,batches,files',
      '',
    ]);
    await run('agents', 'set', 'main', '--routes', 'generate,batches,files');
    const { notes } = (await json('budget', 'set', '--usd', '9.60')).value;
    expect(notes).toEqual([
      'The largest reservation in use is $3.20 (anthropic/claude-haiku-4-5): 3 such requests fit at once.',
    ]);
  });

  it('before there is any request reckons with the default model', async () => {
    const primary = 'anthropic/claude-opus-4-7';
    const models = { [primary]: { params: { maxOutputTokens: 1_000 } } };
    configure({ agents: { defaults: { model: { primary }, models } } });
    const { value } = await json('budget', 'set', '--usd', '5', '--per', 'day', '--hard');
    expect(value.budget.largestRequest).toEqual({ amount: expect.any(Number), model: primary, seen: false });
    // 32,000 tokens in at the 1 h cache price, 1,000 out, and a tenth more where inference in the US is not ruled out.
    expect(value.budget.largestRequest.amount).toBe(((32_000 * 10_000 + 1_000 * 25_000) * 11) / 10);
    expect(value.notes[0]).toMatch(/for a prompt of 30,000 bytes\): 13 such requests fit at once\.$/);
  });

  it.each([
    [['--usd', '5'], 'A new budget needs an amount and a window'],
    [['--per', 'day'], 'A new budget needs an amount and a window'],
    [['--usd', 'five', '--per', 'day'], '--usd takes dollars.'],
    [['--tokens', '1.5', '--per', 'day'], '--tokens takes a whole number.'],
    [['--usd', '5', '--tokens', '5', '--per', 'day'], '--tokens and --usd cannot be given together'],
    [['--usd', '5', '--per', 'day', '--hard', '--soft'], 'cannot be given together'],
    [['--usd', '5', '--per', 'year'], '--per takes one of: day, week, month, 30d, total.'],
    [['--usd', '5', '--per', 'day', '--alert-at', '0'], '--alert-at takes a share'],
    [['--usd', '5', '--per', 'day', '--model', 'claude-haiku-4-5'], 'This budget needs a name.'],
    [['Main', '--usd', '5', '--per', 'day'], '"Main" is not a name of a budget.'],
    [['team', '--usd', '5', '--per', 'day'], 'There is no agent "team".'],
    [['--agent', 'nobody', '--usd', '5', '--per', 'day'], 'There is no agent "nobody".'],
    [['x', '--profile', 'anthropic:work', '--usd', '5', '--per', 'day'], '--profile takes a profile with its owner.'],
    [['x', '--profile', 'main/anthropic:work', '--usd', '5', '--per', 'day'], 'Agent "main" has no profile'],
    [['x', '--model', 'anthropic/claude-opus-9', '--usd', '5', '--per', 'day'], 'is not a model the catalog knows'],
    [['x', '--label', 'a\u0007', '--usd', '5', '--per', 'day'], '--label takes up to 100 plain characters.'],
    [['constructor', '--everything', '--usd', '5', '--per', 'day'], '"constructor" is not a name of a budget.'],
    [['--tokens', '5', '--per', 'day', '--unpriced-usd', '1'], 'only a budget in dollars has this'],
  ])('refuses %j', async (args, sentence) => {
    configure({});
    const before = configText();
    const { code, stderr } = await run('budget', 'set', ...args);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining(sentence)]);
    expect(configText()).toBe(before);
  });
});

describe('moltbot budget list, show and remove', () => {
  it('say what to do while there is none', async () => {
    configure({});
    expect((await run('budget', 'list')).stdout).toBe(
      'No budgets. Set one with: moltbot budget set --usd 5 --per day\n',
    );
    expect((await json('budget', 'list')).value).toEqual({ schemaVersion: 1, items: [] });
    expect(await refusal('budget', 'show', 'main')).toEqual([64, 'BUDGET_NOT_FOUND']);
    expect(await refusal('budget', 'remove', 'main')).toEqual([64, 'BUDGET_NOT_FOUND']);
  });

  it('show spent, reserved, left, the pace and the worst case', async () => {
    configure({ budgets: { main: { usd: 5, per: 'total', unpricedUsd: 1 } }, timeZone: 'Europe/Berlin' });
    await spend({ ...costing(4 * USD), ...bounded(0.5, 2), isSimulated: true }, { ...bounded(0.25, 1), isOpen: true });
    const { stdout } = await run('budget', 'show', 'main');
    expect(stdout.split('\n')).toEqual([
      'Budget    main',
      'Cap       $5.00 in all for agent "main", soft',
      'Spent     $4.00 of $5.00 (80 %)',
      'Of that   $4.00 simulated',
      'Held now  $0.25 by requests under way; $0.75 left',
      'State     open',
      'Resets    never',
      expect.stringMatching(/^Pace {6}empty at 20\d\d-\d\d-\d\d \d\d:\d\d Europe\/Berlin$/),
      // A tenth is reserved while there is no habit: nine times 0.25 under way, nine times 0.75 left; the largest, 2.
      'At worst  $11.00 over the cap, by requests that run when it is reached; the largest may take $2.00 (anthropic/claude-haiku-4-5)',
      'Tells at  80 %',
      'Unpriced  $1.00 for a request of unknown price',
      '',
    ]);
    const shown = await json('budget', 'show', 'main');
    expect((await json('budget', 'show', '--agent', 'main')).value).toMatchObject({ name: 'main' });
    const { items } = (await json('budget', 'list')).value;
    const item = {
      name: 'main',
      scope: { agent: 'main' },
      unit: 'nanoUsd',
      per: 'total',
      timeZone: 'Europe/Berlin',
      enforcement: 'soft',
      alertAt: [0.8],
      unpricedNanoUsd: USD,
      amount: 5 * USD,
      spent: 4 * USD,
      reserved: 0.25 * USD,
      remaining: 0.75 * USD,
      simulated: 4 * USD,
      held: 0,
      unpriced: 0,
      state: 'open',
      usedUpSince: null,
      window: { startsAt: 0, endsAt: null },
      emptyAt: expect.any(Number),
      usd: { amount: '5.000000', spent: '4.000000', reserved: '0.250000', remaining: '0.750000' },
      overshoot: 11 * USD,
      overshootUsd: '11.000000',
      largestRequest: { amount: 2 * USD, model: 'anthropic/claude-haiku-4-5', seen: true },
    };
    expect(shown).toEqual({ code: 0, value: { schemaVersion: 1, ...item } });
    expect(items).toEqual([item]);
  });

  it('is a table with a line for each', async () => {
    const everything = { scope: 'everything', requests: 3, per: '30d', enforcement: 'hard' };
    configure({ budgets: { everything, main: { usd: 0.01, per: 'total' } } });
    await spend(costing(10_000_000));
    expect((await run('budget', 'list')).stdout.split('\n')).toEqual([
      'BUDGET      COUNTS        CAP                        KIND  SPENT      RESERVED    LEFT        STATE    RESETS                    AT WORST OVER',
      'everything  everything    3 requests in any 30 days  hard  1 request  0 requests  2 requests  open     as the last 30 days pass  0 requests',
      'main        agent "main"  $0.01 in all               soft  $0.01      $0.00       $0.00       used up  never                     $0.00',
      '',
    ]);
  });

  it('is a line of models status from four fifths of its amount on', async () => {
    configure({ budgets: { main: { usd: 5, per: 'total' }, all: { scope: 'everything', usd: 5.01, per: 'total' } } });
    await spend(costing(4 * USD));
    const { stdout } = await run('models', 'status');
    expect(stdout.match(/^Budget .*$/gm)).toEqual([
      'Budget    main: $4.00 of $5.00 (80 %) spent. It does not reset by itself.',
    ]);
    expect((await run('models', 'status', '--plain')).stdout).toContain(
      'budget\tmain\topen\t4000000000\t5000000000\tnanoUsd\nbudget\tall\topen\t4000000000\t5010000000\tnanoUsd\n',
    );
  });

  it('remove takes it out of the file', async () => {
    configure({ budgets: { main: { usd: 5, per: 'day' } } });
    const { code, stdout } = await run('budget', 'remove', 'main');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Removed budget "main".*Changed budgets\.main in /)]);
    expect((await json('budget', 'list')).value.items).toEqual([]);
  });
});

describe('while a guard passphrase is set', () => {
  const five = { usd: 5, per: 'day', enforcement: 'hard' };
  beforeEach(async () => {
    configure({ budgets: { main: five } });
    await inDatabase((database) => new Guard(database).set(new Secret('open sesame')));
  });

  it('nothing that lets more be spent is done without it', async () => {
    const before = configText();
    const refused = [77, 'GUARD_REFUSED'];
    expect({
      raise: await refusal('budget', 'set', '--usd', '6'),
      soften: await refusal('budget', 'set', '--soft'),
      sooner: await refusal('config', 'set', 'timeZone', 'Asia/Tokyo'),
      remove: await refusal('budget', 'remove', 'main'),
      set: await refusal('config', 'set', 'budgets.main.usd', '6'),
      unset: await refusal('config', 'unset', 'budgets.main'),
      unsetAll: await refusal('config', 'unset', 'budgets'),
    }).toEqual({
      raise: refused,
      soften: refused,
      sooner: refused,
      remove: refused,
      set: refused,
      unset: refused,
      unsetAll: refused,
    });
    expect(configText()).toBe(before);
  });

  it('narrowing is done all the same', async () => {
    const fine = [0, undefined];
    expect(await refusal('budget', 'set', '--usd', '4')).toEqual(fine);
    expect(await refusal('budget', 'set', '--everything', '--usd', '400', '--per', 'month')).toEqual(fine);
    expect(await refusal('config', 'set', 'budgets.main.usd', '3')).toEqual(fine);
    expect(await refusal('config', 'restore', '1')).toEqual([77, 'GUARD_REFUSED']);
  });
});

describe('a used-up budget', () => {
  beforeEach(async () => {
    configure({ budgets: { main: { usd: 1, per: 'day' } }, timeZone: 'Europe/Berlin' });
    await spend(costing(USD));
    await run('agents', 'add', 'other');
  });
  const endsAt = () => windowAt('day', 'Europe/Berlin', Date.now()).endMs!;
  const resets = () => formatInZone(endsAt(), 'Europe/Berlin');

  it('is a closed gate with its remedy, and why names it with its end', async () => {
    const why = `Budget "main" is used up: $1.00 of $1.00. It resets at ${resets()}. Open it with: moltbot budget set main --usd 2`;
    const { value } = await json('models', 'status');
    expect(value.gates).toContainEqual({ name: 'budget', open: false, why });
    expect(value.budgets).toEqual([expect.objectContaining({ name: 'main', state: 'used_up', spent: USD })]);
    expect((await run('models', 'status')).stdout).toContain(
      `Budget    main: $1.00 of $1.00 (100 %) spent. It resets at ${resets()}.`,
    );
    expect((await json('models', 'status', '--agent', 'other')).value.budgets).toEqual([]);
    const stuck = await json('why');
    expect(stuck.code).toBe(3);
    expect(stuck.value.stopping).toContain('budget');
    expect(stuck.value.pause).toEqual({
      cause: 'budget',
      reason: `Budget "main" is used up: $1.00 of $1.00. It resets at ${resets()}.`,
      since: null,
      by: 'gateway',
      budget: 'main',
      until: endsAt(),
      command: 'moltbot budget set main --usd 2',
    });
  });

  it('shows its agent as paused, and no other', async () => {
    const { stdout } = await run('agents', 'list');
    expect(stdout).toMatch(/^main +paused \(budget main\)/m);
    expect(stdout).toMatch(/^other +active/m);
    expect((await json('agents', 'show', 'main')).value).toMatchObject({ state: 'paused', pause: { budget: 'main' } });
  });

  it('is what resume names, with the command that raises it', async () => {
    const { code, stdout } = await run('resume');
    expect(code).toBe(3);
    expect(stdout).toContain(
      `It is the budget that stops it. Budget "main" is used up: $1.00 of $1.00. It resets at ${resets()}. Raise it: moltbot budget set main --usd 2`,
    );
    expect((await json('resume', '--agent', 'other')).value).toMatchObject({ paused: false, budgets: [] });
    await run('budget', 'set', '--usd', '2');
    expect(await json('resume')).toMatchObject({ code: 0, value: { paused: false, budgets: [] } });
  });
});

describe('a used-up budget of something else', () => {
  const cap = (scope: object) => ({ requests: 0, per: 'total', scope });
  const stopping = async () => (await json('why')).value.stopping.includes('budget');
  const keys = { ANTHROPIC_API_KEY: 'sk-ant-sim-budget-of-a-profile-0001' };

  it('stops an agent only where its next request counts in it', async () => {
    const primary = 'anthropic/claude-haiku-4-5';
    const agents = { defaults: { model: { primary } } };
    const isStopped = async (scope: object) => {
      configure({ agents, budgets: { cap: cap(scope) } });
      return stopping();
    };
    expect({
      everything: await isStopped({ agent: 'main', model: primary }),
      otherModel: await isStopped({ model: 'anthropic/claude-opus-4-7' }),
      label: await isStopped({ label: 'team' }),
      profileThatIsNotThere: await isStopped({ profile: 'main/anthropic:env' }),
    }).toEqual({ everything: true, otherModel: false, label: false, profileThatIsNotThere: false });
  });

  it('of a profile stops it while no other profile could serve', async () => {
    configure({ env: keys, budgets: { cap: cap({ profile: 'main/anthropic:env' }) } });
    expect(await stopping()).toBe(true);
    const place = ['--base-url', 'http://127.0.0.1:9', '--skip-test', '--json'];
    const args = ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', ...place];
    const stored = await runCli(home, args, { input: 'sk-ant-sim-budget-of-a-profile-0002' });
    expect(stored.code).toBe(0);
    expect(await stopping()).toBe(false);
  });
});

it('doctor warns of budgets about what is not there', async () => {
  const day = { usd: 1, per: 'day' };
  configure({
    budgets: {
      gone: day,
      profile: { ...day, scope: { profile: 'main/anthropic:work' } },
      model: { ...day, scope: { model: 'anthropic/claude-nothing' } },
      main: day,
    },
  });
  const { items } = (await json('doctor')).value;
  const found = items.filter(({ check }: { check: string }) => check === 'budgets');
  expect(found.map(({ level, message }: { level: string; message: string }) => [level, message])).toEqual([
    ['warning', 'Budget "gone" counts the agent "gone", which does not exist, so it caps nothing.'],
    ['warning', 'Budget "profile" counts the profile main/anthropic:work, which does not exist, so it caps nothing.'],
    [
      'warning',
      'Budget "model" counts the model anthropic/claude-nothing, which the catalog does not know, so it caps nothing.',
    ],
  ]);
});
