import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { hasTmux, openTerminal } from '../fakes/terminal.ts';

const DAY_MS = 86_400_000;

let simulator: Simulator;
let home: CliHome;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  home = cliHome();
  simulator.setScript({});
  const place = ['--base-url', simulator.url, '--vault', 'file', '--profile-id', 'anthropic:work'];
  const input = simulator.issueKey('anthropic', 'old');
  await runCli(home, ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', ...place], { input });
});
afterEach(() => home.remove());

const auth = async (args: readonly string[], input?: string) => {
  const options = input === undefined ? {} : { input };
  const { code, stdout, stderr } = await runCli(home, ['models', 'auth', ...args, '--json'], options);
  return { code, value: JSON.parse(stdout), stdout, stderr };
};
const profile = async () => (await auth(['list'])).value.items[0];

describe('moltbot models auth replace', () => {
  it('keeps id, place, grants and order, and echoes nothing of the key', async () => {
    await runCli(home, ['agents', 'add', 'reviewer']);
    await auth(['grant', 'anthropic:work', '--to', 'reviewer']);
    await auth(['order', 'set', '--provider', 'anthropic', 'anthropic:work']);
    const { label: oldLabel, ...before } = await profile();
    const key = simulator.issueKey('anthropic', 'new');
    const { code, value, stdout, stderr } = await auth(['replace', 'anthropic:work', '--stdin'], key);
    expect([code, value.profileId, value.replaced, value.test.verdict]).toEqual([0, 'anthropic:work', true, 'valid']);
    const { label, ...after } = await profile();
    expect(after).toEqual(before);
    expect(label).not.toBe(oldLabel);
    expect(after.grantedTo).toEqual(['reviewer']);
    expect(findCanary(key, { directories: [home.directory], texts: { stdout, stderr } })).toEqual([]);
  });

  it('takes the key from a file', async () => {
    const file = join(home.directory, 'key.txt');
    writeFileSync(file, `${simulator.issueKey('anthropic', 'new')}\n`);
    expect((await auth(['replace', 'anthropic:work', '--file', file])).value.replaced).toBe(true);
  });

  it('leaves the old credential in place when the provider refuses the new one', async () => {
    const before = await profile();
    const refused = await auth(['replace', 'anthropic:work', '--stdin'], `sk-ant-sim-${'x'.repeat(30)}`);
    expect([refused.code, refused.value.error.code]).toEqual([1, 'CREDENTIAL_REFUSED']);
    expect(await profile()).toEqual(before);
    expect((await auth(['test', 'anthropic:work'])).value.test.verdict).toBe('valid');
  });

  it('replaces nothing that is not there', async () => {
    const result = await auth(['replace', 'anthropic:other', '--stdin'], simulator.issueKey('anthropic', 'new'));
    expect([result.code, result.value.error.code]).toEqual([1, 'PROFILE_NOT_FOUND']);
  });

  it.runIf(hasTmux())('asks for the key on a terminal without showing it', async () => {
    const key = simulator.issueKey('anthropic', 'new');
    const terminal = openTerminal(home, ['models', 'auth', 'replace', 'anthropic:work']);
    try {
      await terminal.shows(/Paste the .*\(hidden\)/);
      terminal.paste(key);
      await terminal.shows(/\(\d+ characters\)/);
      terminal.press('Enter');
      expect(await terminal.exitCode()).toBe(0);
      expect(terminal.screen()).toContain('Replaced anthropic:work');
      expect(findCanary(key, { texts: { screen: terminal.screen() } })).toEqual([]);
    } finally {
      terminal.close();
    }
  });
});

describe('a credential that should be replaced', () => {
  const change = (sql: string, ...values: (string | number)[]) => {
    const database = Database.open(join(home.stateDir, 'state.sqlite'));
    database.run(sql, ...values);
    database.close();
  };
  const findings = async () =>
    JSON.parse((await runCli(home, ['doctor', '--json'])).stdout).items.filter(({ remedy }: { remedy?: string }) =>
      remedy?.includes('models auth replace'),
    );
  const command = 'moltbot models auth replace anthropic:work';

  it('is named after 90 days by status and doctor with the command, and no more once it is replaced', async () => {
    change('UPDATE profiles SET created_at_ms = ?', Date.now() - 91 * DAY_MS);
    expect((await profile()).rotateDue).toBe(true);
    expect((await runCli(home, ['models', 'status'])).stdout).toContain(`older than 90 days. Make a new credential`);
    expect((await runCli(home, ['models', 'status'])).stdout).toContain(command);
    expect(await findings()).toEqual([expect.objectContaining({ remedy: expect.stringContaining(command) })]);
    await auth(['replace', 'anthropic:work', '--stdin'], simulator.issueKey('anthropic', 'new'));
    expect([(await profile()).rotateDue, await findings()]).toEqual([false, []]);
  });

  it('is named by doctor when it was stored with an admin key that is revoked, until it is replaced', async () => {
    change(
      `INSERT INTO audit (at_ms, actor, action, subject, detail)
       VALUES (1, 'admin:adm_1', 'credential.replaced', 'main/anthropic:work', '{"generation":1}')`,
    );
    change("INSERT INTO admin_keys VALUES ('adm_1', x'00', 'admin', 'ann', 1, NULL, NULL)");
    expect(await findings()).toEqual([]);
    change('UPDATE admin_keys SET revoked_at_ms = 2');
    expect(await findings()).toEqual([
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('was stored with the admin key adm_1 (ann), which was revoked'),
        remedy: `Make a new one at the provider, then: ${command}`,
      }),
    ]);
    await auth(['replace', 'anthropic:work', '--stdin'], simulator.issueKey('anthropic', 'new'));
    expect(await findings()).toEqual([]);
  });
});
