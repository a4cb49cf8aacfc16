import { closeSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, type CliSetup, getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

let setup: CliSetup;
let gateway: CliGateway;
let token: string;
let agentKey: string;
beforeEach(async () => {
  setup = await setUpCli();
  gateway = await runGateway(setup.home);
  ({ token } = await getToken(setup.home, '--ttl', '1h'));
  const made = await runCli(setup.home, ['agents', 'rotate-key', 'main', '--json']);
  agentKey = (JSON.parse(made.stdout) as { key: string }).key;
  expect(await ask()).toBe('200 null');
  setup.simulator.forgetRequests();
});
afterEach(async () => {
  await gateway.kill();
  await setup[Symbol.asyncDispose]();
});

const inState = (name: string) => join(setup.home.stateDir, name);

async function ask(withToken = token): Promise<string> {
  const response = await messages(gateway.url, withToken, SMALL);
  await response.text();
  return `${response.status} ${response.headers.get('x-moltbot-error')}`;
}

/** What the broker says to the right agent key, and the management socket to its owner. */
async function others(): Promise<number[]> {
  const broker = await fetch(`${gateway.url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${agentKey}` },
  });
  await broker.text();
  const management = await new Promise<number>((resolve, reject) => {
    request({ socketPath: inState('management.sock'), path: '/api/v1/agents', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
  return [broker.status, management];
}

/** Overwrites every page of a file; gives what puts them back in place. */
function spoil(path: string): () => void {
  const kept = readFileSync(path);
  const write = (content: Buffer) => {
    const file = openSync(path, 'r+');
    writeSync(file, content, 0, content.length, 0);
    closeSync(file);
  };
  write(Buffer.alloc(kept.length, 0xa5));
  return () => write(kept);
}

describe('while another process holds the lock of the database', () => {
  it('nothing is forwarded and nothing is sold; then everything goes on, and what was decided stays', async () => {
    const other = new DatabaseSync(inState('state.sqlite'), { timeout: 5_000 });
    const doomed = await getToken(setup.home);
    expect((await runCli(setup.home, ['revoke', doomed.accessor])).code).toBe(0);
    other.exec('BEGIN EXCLUSIVE');
    expect(await ask()).toBe('503 DATABASE_BUSY');
    expect((await others())[0]).toBe(503);
    expect(await ask(doomed.token)).toBe('401 TOKEN_REVOKED');
    expect(setup.simulator.requests).toEqual([]);
    other.exec('COMMIT');
    other.close();
    expect([await ask(), await ask(doomed.token)]).toEqual(['200 null', '401 TOKEN_REVOKED']);
    expect(await others()).toEqual([200, 200]);
    expect((await runCli(setup.home, ['audit', 'verify'])).code).toBe(0);
  });
});

describe('when the vault is gone', () => {
  it('a gateway that needs it forwards nothing, revoking works, and it serves once the vault is back', async () => {
    await gateway.kill();
    const vault = readdirSync(setup.home.stateDir).find((name) => name.endsWith('.age'))!;
    renameSync(inState(vault), inState('away'));
    gateway = await runGateway(setup.home);
    expect(await ask()).toMatch(/^503 VAULT_/);
    const { accessor, token: second } = await getToken(setup.home);
    expect((await runCli(setup.home, ['revoke', accessor])).code).toBe(0);
    expect(await ask(second)).toBe('401 TOKEN_REVOKED');
    expect((await runCli(setup.home, ['pause', '--agent', 'main'])).code).toBe(0);
    expect(await ask()).toBe('402 AGENT_PAUSED');
    expect((await runCli(setup.home, ['resume', '--agent', 'main'])).code).toBe(0);
    expect(setup.simulator.requests).toEqual([]);
    renameSync(inState('away'), inState(vault));
    expect(await ask()).toBe('200 null');
    expect((await runCli(setup.home, ['audit', 'verify'])).code).toBe(0);
  });
});

describe('when the database is not one any more', () => {
  it('nothing is forwarded, and it serves when the pages are back', async () => {
    // Has the pages it needs in its own memory, so that it can make the others read theirs again.
    const other = new DatabaseSync(inState('state.sqlite'));
    const write = () => other.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('test', random())");
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    write();
    const restore = spoil(inState('state.sqlite'));
    write();
    const answers: string[] = [];
    for (let n = 0; n < 3; n++) answers.push(await ask());
    expect(new Set(answers.map((answer) => answer.slice(0, 4)))).toEqual(new Set(['503 ']));
    expect(setup.simulator.requests).toEqual([]);
    restore();
    write();
    other.close();
    expect(await ask()).toBe('200 null');
    expect(gateway.child.exitCode).toBeNull();
  });

  it('no command and no gateway goes on with it or makes another, and all is there when it is back', async () => {
    await gateway.kill();
    const other = new DatabaseSync(inState('state.sqlite'));
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    const restore = spoil(inState('state.sqlite'));
    for (const command of [
      ['active'],
      ['agents', 'list'],
      ['gates'],
      ['audit', 'list'],
      ['gateway', 'run', '--port', '0'],
    ]) {
      const { code, stdout } = await runCli(setup.home, [...command, '--json']);
      const { error } = JSON.parse(stdout) as { error: { code: string } };
      expect([command, code, error.code]).toEqual([command, 69, 'DATABASE_CORRUPT']);
    }
    restore();
    gateway = await runGateway(setup.home);
    expect(await ask()).toBe('200 null');
  });

  it('or taken away: nothing is forwarded for what can no longer be revoked', async () => {
    for (const name of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm'])
      renameSync(inState(name), inState(`${name}.away`));
    await sleep(300); // The gateway looks for its files a few times a second.
    expect(await ask()).toMatch(/^503 /);
    expect(setup.simulator.requests).toEqual([]);
    for (const name of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm'])
      renameSync(inState(`${name}.away`), inState(name));
    expect(await ask()).toBe('200 null');
  });
});
