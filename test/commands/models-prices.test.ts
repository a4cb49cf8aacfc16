import { existsSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { type CatalogFile, fileModel } from '../../src/catalog/catalog-file.ts';
import { SHIPPED } from '../../src/catalog/shipped.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { NEXT } from '../catalog/sample-file.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { writeConfig } from '../security/cli-gateway.ts';

let home: CliHome;
let file: string;
let stored: string;
beforeEach(() => {
  home = cliHome();
  file = join(home.directory, 'prices.json5');
  stored = join(home.stateDir, 'catalog.json');
});
afterEach(() => home.remove());

const prices = (...args: string[]) => runCli(home, ['models', 'prices', ...args]);
const update = (given: object, ...args: string[]) => {
  writeFileSync(file, JSON.stringify(given));
  return prices('update', '--file', file, ...args);
};
const newer: CatalogFile = { asOf: '2026-12-01', models: [NEXT] };

interface Item {
  readonly ref: string;
  readonly origin: string;
}
async function listed(...args: string[]): Promise<{ loaded: unknown; items: Item[] }> {
  return JSON.parse((await prices('list', '--json', ...args)).stdout) as { loaded: unknown; items: Item[] };
}

describe('moltbot models prices', () => {
  it('lists what is in force: the shipped, the loaded, and one’s own before both', async () => {
    writeConfig(home, {
      models: {
        prices: {
          'xai/grok-4-fast': { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.4 },
          'local/llama': { inputUsdPerMillion: 0, outputUsdPerMillion: 0 },
        },
        providers: { local: { baseUrl: 'http://127.0.0.1:9/v1', auth: 'none' } },
      },
    });
    await update({ asOf: '2026-12-01', models: [{ ...NEXT, confidence: 'secondary' }] });
    const { stdout } = await prices('list');
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/).join(' | '));
    expect(lines).toContain('MODEL | WHEN | IN | OUT | READ | WRITE 5M | WRITE 1H | FROM');
    expect(lines).toContain('anthropic/claude-haiku-4-5 | - | $1 | $5 | $0.1 | $1.25 | $2 | shipped 2026-11');
    expect(lines).toContain(
      'anthropic/claude-haiku-5-5 | prompt ≥ 100,001 | $0.5 | $2.5 | $0.05 | $0.625 | $1 | shipped 2026-11',
    );
    expect(lines).toContain('anthropic/claude-next-9 | - | $2.125 | $7 | ? | ? | ? | loaded 2026-12-01 (unconfirmed)');
    expect(lines).toContain('xai/grok-4-fast | - | $0.1 | $0.4 | ? | ? | ? | your config');
    expect((await listed('--provider', 'local')).items).toEqual([
      {
        ref: 'local/llama',
        origin: 'config',
        version: expect.stringMatching(/^config\//),
        asOf: null,
        source: null,
        confidence: 'own',
        price: { inputUsdPerMillion: 0, outputUsdPerMillion: 0 },
      },
    ]);
  });

  it('loads a file, keeps it to its owner, says what changed, and writes it into the audit', async () => {
    const { code, stdout } = await update(newer);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Loaded 1 model as of 2026-12-01 on .+@.+: added anthropic\/claude-next-9\.\n$/),
    ]);
    expect(statSync(stored).mode & 0o777).toBe(0o600);
    const { stdout: audit } = await runCli(home, ['audit', 'list', '--json']);
    expect(JSON.parse(audit)).toMatchObject({
      items: [
        {
          action: 'catalog.loaded',
          subject: '2026-12-01',
          detail: { models: 1, added: ['anthropic/claude-next-9'] },
          actor: expect.stringMatching(/^person:/),
        },
      ],
    });
    const { stdout: models } = await runCli(home, ['models', 'list', '--provider', 'anthropic']);
    expect(models).toContain('$2.125 in · $7 out per 1M tokens');
  });

  it('exports what it reads back, and loading that changes nothing', async () => {
    const { stdout } = await prices('export');
    const { stdout: json } = await update(JSON.parse(stdout), '--json');
    expect(JSON.parse(json)).toMatchObject({ asOf: '2026-11', models: 27, added: [], changed: [], removed: [] });
    expect((await prices('export')).stdout).toBe(stdout);
  });

  it('refuses a file that is older than what is in force, unless it is forced', async () => {
    expect((await update({ ...newer, asOf: '2026-10-31' })).stderr).toContain('older than what is in force (2026-11)');
    await update(newer);
    const older = { ...newer, asOf: '2026-11-30' };
    const { code, stderr } = await update(older);
    expect([code, stderr]).toEqual([64, expect.stringContaining('older than what is in force (2026-12-01)')]);
    expect((await update(older, '--force')).code).toBe(0);
    expect((await listed()).loaded).toMatchObject({ asOf: '2026-11-30', models: 1 });
  });

  it('stores nothing of a file with a mistake', async () => {
    await update(newer);
    const before = readFileSync(stored, 'utf8');
    const wrong = {
      asOf: '2027-01-01',
      models: [NEXT, { ...NEXT, id: 'other', prices: [{ inputUsdPerMillion: -1, outputUsdPerMillion: 1 }] }],
    };
    const { code, stderr } = await update(wrong);
    expect([code, stderr]).toEqual([64, expect.stringContaining('models[1].prices[0].inputUsdPerMillion')]);
    expect(readFileSync(stored, 'utf8')).toBe(before);
  });

  it('asks for the guard passphrase before it brings other names of models, and before other prices where budgets go by them', async () => {
    await runCli(home, ['agents', 'add', 'reviewer']);
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    new Guard(database).set(new Secret('höher als der Zaun'));
    database.close();
    const { code, stderr } = await update(newer);
    expect([code, stderr, existsSync(stored)]).toEqual([77, expect.stringContaining('guard passphrase'), false]);
    const haiku = fileModel(SHIPPED.find('anthropic', 'claude-haiku-4-5')!);
    expect((await update({ ...newer, models: [haiku] })).code).toBe(0);
    expect((await runCli(home, ['budget', 'set', '--usd', '5', '--per', 'day'])).code).toBe(0);
    expect((await update({ ...newer, asOf: '2026-12-02', models: [haiku] })).code).toBe(77);
    expect((await prices('reset')).code).toBe(77);
  });

  it('goes back to the shipped ones', async () => {
    await update(newer);
    expect((await prices('reset')).stdout).toContain('took out anthropic/claude-next-9');
    const { loaded, items } = await listed();
    expect([loaded, items.filter(({ origin }) => origin !== 'shipped')]).toEqual([null, []]);
  });

  it('says it wherever prices matter when the stored file is spoilt, and resets it', async () => {
    await update(newer);
    writeFileSync(stored, '{"loadedAtMs":1', { mode: 0o600 });
    const { code, stderr } = await runCli(home, ['models', 'list', '--all']);
    expect([code, stderr]).toEqual([78, expect.stringContaining('moltbot models prices reset')]);
    expect((await runCli(home, ['doctor'])).stdout).toContain(`The loaded catalog ${stored} cannot be read.`);
    expect((await prices('reset')).stderr).toContain(`${stored}.damaged`);
    expect((await runCli(home, ['models', 'list', '--all'])).code).toBe(0);
    expect(existsSync(`${stored}.damaged`)).toBe(true);
    const { stdout: audit } = await runCli(home, ['audit', 'list', '--limit', '1', '--json']);
    expect(JSON.parse(audit)).toMatchObject({ items: [{ action: 'catalog.reset', detail: { models: 0 } }] });
  });

  it('reads and writes nothing through a link in the place of the stored file', async () => {
    await update(newer);
    const elsewhere = join(home.directory, 'elsewhere.json');
    renameSync(stored, elsewhere);
    symlinkSync(elsewhere, stored);
    const before = readFileSync(elsewhere, 'utf8');
    for (const command of [['list'], ['update', '--file', file], ['reset']]) {
      const { code, stderr } = await prices(...command);
      expect([code, stderr]).toEqual([77, expect.stringContaining('is a symbolic link')]);
    }
    expect(readFileSync(elsewhere, 'utf8')).toBe(before);
  });
});
