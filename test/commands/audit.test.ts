import { readFileSync, renameSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { Database } from '../../src/database/database.ts';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { getToken, messages, runGateway, setUpCli, writeConfig } from '../security/cli-gateway.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
  writeConfig(home, { vault: { kind: 'file' } });
});
afterEach(() => home.remove());

const run = (...args: string[]) => runCli(home, ['audit', ...args]);
const json = async (...args: string[]) => {
  const { code, stdout } = await run(...args, '--json');
  return { code, ...JSON.parse(stdout) };
};
const stateFile = () => join(home.stateDir, 'state.sqlite');

/** Some decisions, as commands leave them: the first command that has the key seals them. */
async function decide(...subjects: string[]): Promise<void> {
  const database = Database.open(stateFile());
  const audit = new AuditLog(database);
  const atMs = Date.UTC(2026, 10, 21, 9, 12, 3);
  subjects.forEach((subject, index) => {
    const detail = { code: 'WXYZ-1234', providers: ['anthropic', 'xai'], expiresAtMs: null };
    audit.append({ actor: 'person:alice', action: 'enrollment.approved', subject, detail }, atMs + index * 1_000);
  });
  database.close();
  await runCli(home, ['revoke', '--all']);
}

function tamper(sql: string): void {
  const other = new DatabaseSync(stateFile());
  other.exec(`DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_content; ${sql}`);
  other.close();
}

describe('audit list', () => {
  it('says what to do where there is nothing', async () => {
    expect(await run('list')).toEqual({
      code: 0,
      stdout: 'Nothing was written down there. See everything: moltbot audit list\n',
      stderr: '',
    });
    expect((await json('list')).items).toEqual([]);
  });

  it('tells decisions as sentences, by day', async () => {
    await decide('reviewer', 'writer');
    const { stdout } = await run('list', '--agent', 'reviewer');
    expect(stdout).toBe(
      '2026-11-21 (UTC)\n09:12:03 alice approved the enrolment of reviewer (code: WXYZ-1234, providers: anthropic xai)\n',
    );
  });

  it('gives them as JSON, only as many and only as old as asked', async () => {
    await decide('reviewer', 'writer');
    const { items } = await json('list', '--since', '2026-11-21T09:12:04Z', '--limit', '1', '--agent', 'writer');
    expect(items).toEqual([
      {
        kind: 'decision',
        at: Date.UTC(2026, 10, 21, 9, 12, 4),
        seq: 2,
        actor: 'person:alice',
        action: 'enrollment.approved',
        subject: 'writer',
        detail: { code: 'WXYZ-1234', providers: ['anthropic', 'xai'], expiresAtMs: null },
        sealed: true,
      },
    ]);
  });

  it('shows what others wrote into it escaped', async () => {
    await decide('evil\u001b[2J\u202e\nforged line');
    expect((await run('list')).stdout).toContain('evil\\u{1b}[2J\\u{202e}\\u{a}forged line');
  });

  it.each([
    ['--since', 'soon'],
    ['--limit', '0'],
    ['--agent', 'No One'],
  ])('refuses %s %s', async (flag, value) => {
    expect(await json('list', `${flag}=${value}`)).toMatchObject({ code: 64, error: { code: 'USAGE' } });
  });
});

describe('decisions and requests', () => {
  it('are one story, in the order in which they happened, and hold together', async () => {
    await using setup = await setUpCli();
    const gateway = await runGateway(setup.home);
    const { token, accessor } = await getToken(setup.home);
    for (let n = 0; n < 2; n++) await (await messages(gateway.url, token, { ...SMALL, max_tokens: 20 + n })).text();
    await runCli(setup.home, ['revoke', accessor]);
    expect((await messages(gateway.url, token, SMALL)).status).toBe(401);
    await runCli(setup.home, ['gateway', 'stop']);
    const { stdout } = await runCli(setup.home, ['audit', 'list']);
    const told = [
      /stored the credential main\/anthropic:default/,
      /the gateway started at http/,
      new RegExp(`issued the token ${accessor}`),
      /agent main asked anthropic for claude-haiku-4-5 with anthropic:default: ok 200 after/,
      /agent main asked anthropic for claude-haiku-4-5 with anthropic:default: ok 200 after/,
      new RegExp(`revoked the token ${accessor}`),
      /the gateway refused a request of .* \(code: TOKEN_REVOKED/,
      /the gateway stopped at http/,
      /the gateway vouched for the completed requests 1-2/,
    ];
    const lines = stdout.split('\n');
    let at = -1;
    for (const sentence of told) {
      at = lines.findIndex((line, index) => index > at && sentence.test(line));
      expect([sentence, at > 0]).toEqual([sentence, true]);
    }
    const verified = JSON.parse((await runCli(setup.home, ['audit', 'verify', '--json'])).stdout);
    expect(verified).toMatchObject({ ok: true, unsealed: 0, requests: { completed: 2, pruned: 0, anchored: 2 } });
    const other = new DatabaseSync(join(setup.home.stateDir, 'state.sqlite'));
    other.exec("DROP TRIGGER ledger_keeps_completed; UPDATE ledger SET model_asked = 'claude-haiku-4-6' WHERE id = 2");
    other.close();
    const broken = JSON.parse((await runCli(setup.home, ['audit', 'verify', '--json'])).stdout);
    expect(broken.error).toMatchObject({
      code: 'AUDIT_BROKEN',
      message: expect.stringContaining('Ledger row 2 (mbr_'),
    });
  });
});

describe('a change of the config', () => {
  it('is written down by its keys, never its values, whichever command makes it', async () => {
    await runCli(home, ['config', 'set', 'gateway.port', '8417']);
    await runCli(home, ['models', 'aliases', 'add', 'quick', 'anthropic/claude-haiku-4-5']);
    await runCli(home, ['config', 'set', 'gateway.port', '8417']);
    await runCli(home, ['config', 'set', 'gateway.port', '"no port"']);
    await runCli(home, ['config', 'restore', '1']);
    const { items } = await json('list');
    const changes = items.filter(({ action }: { action: string }) => action === 'config.changed');
    expect(changes.map(({ detail }: { detail: object }) => detail)).toEqual([
      { keys: ['gateway.port'] },
      { keys: ['agents.defaults.models["anthropic/claude-haiku-4-5"].alias'] },
      { keys: ['agents.defaults.models["anthropic/claude-haiku-4-5"].alias'] },
    ]);
    expect(changes[0]).toMatchObject({
      actor: `person:${userInfo().username}`,
      subject: join(home.stateDir, 'moltbot.json'),
    });
    expect((await run('verify')).code).toBe(0);
  });
});

describe('audit tail', () => {
  it('goes on with what is written while it runs', async () => {
    await decide('first');
    const child = startCli(home, ['audit', 'tail', '--follow', '--json']);
    const later = outputUntil(child, /second/);
    await sleep(1_000);
    await decide('second');
    const subjects = (await later)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).subject);
    child.kill();
    expect(subjects.filter((subject) => ['first', 'second'].includes(subject))).toEqual(['first', 'second']);
  });
});

describe('audit verify', () => {
  it('passes where nothing was ever written', async () => {
    const expected = {
      ok: true,
      rows: 0,
      sealed: 0,
      unsealed: 0,
      head: null,
      requests: { completed: 0, pruned: 0, anchored: 0 },
    };
    expect(await json('verify')).toEqual({ code: 0, ...expected });
  });

  it('passes, prints the head, and names the row in which one byte was flipped', async () => {
    await decide('first', 'second', 'third');
    const whole = await json('verify');
    expect(whole).toMatchObject({ code: 0, ok: true, unsealed: 0, head: expect.stringMatching(/^\d+:[0-9a-f]{64}$/) });
    expect((await run('verify')).stdout).toContain(`Head: ${whole.head}\n`);
    expect(await json('verify', '--head', whole.head)).toMatchObject({ code: 0, head: whole.head });
    tamper("UPDATE audit SET subject = 'seconc' WHERE seq = 2");
    expect(await json('verify')).toMatchObject({
      code: 69,
      error: { code: 'AUDIT_BROKEN', message: expect.stringContaining('Row 2 of the audit') },
    });
    expect((await run('verify')).stderr).toContain('Row 2 of the audit');
  });

  it('names the row whose detail is no JSON any more, and every other command still shows it', async () => {
    await decide('first', 'second', 'third');
    expect(await json('verify')).toMatchObject({ code: 0 });
    tamper("UPDATE audit SET detail = '[' || substr(detail, 2) WHERE seq = 2");
    expect((await run('verify')).stderr).toContain('Row 2 of the audit');
    for (const command of [['list'], ['list', '--agent', 'main'], ['tail'], ['export']])
      expect([command, (await run(...command)).code]).toEqual([command, 0]);
    expect(JSON.stringify(await json('list'))).toContain('"detail":{"damaged":true}');
  });

  it('sees a cut end by the head that was kept', async () => {
    await decide('first', 'second');
    const { head } = await json('verify');
    const last = Number(head.split(':')[0]);
    tamper(`DELETE FROM audit WHERE seq = ${last}; UPDATE sqlite_sequence SET seq = ${last - 1} WHERE name = 'audit'`);
    expect((await json('verify')).code).toBe(0);
    expect(await json('verify', '--head', head)).toMatchObject({ code: 69, error: { code: 'AUDIT_BROKEN' } });
    expect(await json('verify', '--head', 'nonsense')).toMatchObject({ code: 64, error: { code: 'USAGE' } });
  });

  it('says that the vault is locked, while decisions are still made and wait for their seal', async () => {
    await decide('first');
    const keyFile = join(home.directory, 'vault.key');
    renameSync(keyFile, `${keyFile}.away`);
    await decide('second');
    expect((await runCli(home, ['revoke', '--agent', 'main'])).code).toBe(0);
    expect(await json('verify')).toMatchObject({ code: 69, error: { code: 'VAULT_LOCKED' } });
    renameSync(`${keyFile}.away`, keyFile);
    const { unsealed, code } = await json('verify');
    expect([code, unsealed > 0]).toEqual([0, true]);
  });
});

describe('doctor', () => {
  it('tells, as verify does, of seals that were taken away while the gateway ran', async () => {
    await using setup = await setUpCli();
    await runGateway(setup.home);
    const seals = () => new DatabaseSync(join(setup.home.stateDir, 'state.sqlite'));
    const count = (where: string) => {
      const database = seals();
      const { rows } = database.prepare(`SELECT count(*) AS rows FROM audit WHERE ${where}`).get() as { rows: number };
      database.close();
      return rows;
    };
    await expect.poll(() => count('mac IS NULL')).toBe(0);
    const database = seals();
    database.exec("DROP TRIGGER audit_keeps_content; UPDATE audit SET mac = NULL, actor = 'person:mallory'");
    database.close();
    await expect.poll(() => count("action = 'audit.broken'")).toBe(1);
    expect(count('mac IS NOT NULL')).toBe(0);
    for (const command of [
      ['audit', 'verify'],
      ['doctor', '--json'],
    ]) {
      const { code, stdout, stderr } = await runCli(setup.home, command);
      expect([command, code, /audit is broken at row|says that a seal before it/.test(stdout + stderr)]).toEqual([
        command,
        69,
        true,
      ]);
    }
    await runCli(setup.home, ['gateway', 'stop']);
  });

  const findings = async () => {
    const { code, stdout } = await runCli(home, ['doctor', '--json']);
    const { items } = JSON.parse(stdout) as { items: { check: string; level: string; message: string }[] };
    return {
      code,
      audit: items.filter(({ check }) => check === 'audit').map(({ level, message }) => [level, message]),
    };
  };

  it('looks at the end of the audit and names the row that is broken', async () => {
    await decide('first', 'second');
    expect((await findings()).audit).toEqual([['ok', 'The newest rows of the audit are as they were sealed.']]);
    tamper("UPDATE audit SET actor = 'person:mallory' WHERE seq = 2");
    expect(await findings()).toEqual({ code: 69, audit: [['problem', 'The audit is broken at row 2.']] });
  });

  it('tells of rows that have waited long for their seal', async () => {
    const database = Database.open(stateFile());
    const row = { actor: 'person:alice', action: 'agent.added', subject: 'reviewer' } as const;
    new AuditLog(database).append(row, Date.now() - 3 * 3_600_000);
    database.close();
    const [waiting] = (await findings()).audit;
    expect(waiting).toEqual(['warning', expect.stringMatching(/^1 row of the audit waits for a seal since 3 h/)]);
  });
});

describe('audit export', () => {
  it('writes a private file whose first and last line carry the head', async () => {
    await decide('first', 'second');
    const { head } = await json('verify');
    const file = join(home.directory, 'audit.jsonl');
    const { code, stdout } = await run('export', '--out', file, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ file, head, requests: 0 })]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ kind: 'begin', schemaVersion: 1, at: expect.any(Number), head });
    expect(lines.at(-1)).toEqual({ kind: 'end', decisions: lines.length - 2, requests: 0, head });
    expect(lines.slice(1, 3).map(({ subject }) => subject)).toEqual(['first', 'second']);
    expect(await json('export', '--out', file)).toMatchObject({ code: 64, error: { code: 'ALREADY_EXISTS' } });
    expect((await run('export')).stdout.split('\n')).toHaveLength(lines.length + 1);
  });
});
