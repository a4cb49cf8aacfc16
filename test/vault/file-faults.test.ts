import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { FileVault } from '../../src/vault/file.ts';

const CHILD = join(import.meta.dirname, '../fakes/vault-child.ts');
const EARLIER = { agentId: 'main', profileId: 'anthropic:default' };
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe('the file vault under faults', () => {
  let directory: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'moltbot-vault-'));
    await vault().set(EARLIER, { secret: new Secret('sk-sim-earlier'), origin: 'https://api.example.com' });
  });
  afterEach(() => {
    chmodSync(directory, 0o700);
    rmSync(directory, { recursive: true });
  });

  const vault = () =>
    new FileVault({
      path: join(directory, 'vault.age'),
      identity: { kind: 'key file', path: join(directory, 'vault.key') },
    });
  const names = async () => (await vault().keys()).map((key) => key.profileId);

  it('holds the old or the new whole after kill -9 at every step of a write, and goes on', async () => {
    const seen = new Set<string>();
    let steps = Number.POSITIVE_INFINITY;
    for (let step = 1; step <= steps; step++) {
      const child = await run([directory, 'crash', '1', 'sk-sim-new', String(step)]);
      if (child.killed) {
        const found = (await names()).join(' ');
        expect(['anthropic:default', 'anthropic:default crash:0']).toContain(found);
        expect((await vault().get(EARLIER))?.secret.reveal()).toBe('sk-sim-earlier');
        seen.add(found);
        await vault().delete({ agentId: 'main', profileId: 'crash:0' });
      } else {
        steps = 0;
        expect(child.answer).toMatchObject({ done: true });
      }
    }
    expect(seen).toEqual(new Set(['anthropic:default', 'anthropic:default crash:0']));
    expect(readdirSync(directory).sort()).toEqual(['vault.age', 'vault.age.lock', 'vault.key']);
  }, 60_000);

  it('loses no item of two processes that write at the same time', async () => {
    const answers = await Promise.all(['one', 'two'].map((name) => run([directory, name, '10', 'sk-sim-x', '0'])));
    expect(answers.map(({ answer }) => answer.done)).toEqual([true, true]);
    const expected = ['one', 'two'].flatMap((name) => Array.from({ length: 10 }, (_, n) => `${name}:${n}`));
    expect(await names()).toEqual(['anthropic:default', ...expected]);
  }, 30_000);

  it('says DISK_FULL when there is no room, and keeps the file as it was', async () => {
    const before = readFileSync(join(directory, 'vault.age'));
    const { answer } = await run([directory, 'big', '1', 'x'.repeat(90_000), '0'], { fileSizeBlocks: 8 });
    expect(answer).toEqual({
      code: 'DISK_FULL',
      message: `No space is left on the disk for ${join(directory, 'vault.age')}.`,
      hint: 'Free some space and run the command again; nothing was changed.',
    });
    expect(readFileSync(join(directory, 'vault.age'))).toEqual(before);
    expect(existsSync(join(directory, 'vault.age.new'))).toBe(false);
  });

  it('says NOT_PERMITTED where the directory cannot be written, and keeps the file as it was', async () => {
    for (const name of ['', 'vault.age', 'vault.key', 'vault.age.lock'])
      if (isRoot) chownSync(join(directory, name), NOBODY, NOBODY);
    chmodSync(directory, 0o500);
    const before = readFileSync(join(directory, 'vault.age'));
    const { answer } = await run([directory, 'refused', '1', 'sk-sim-x', '0'], isRoot ? { uid: NOBODY } : {});
    expect(answer).toEqual({
      code: 'NOT_PERMITTED',
      message: `${join(directory, 'vault.age')} cannot be written: permission denied.`,
      hint: `Check its owner and mode, and those of ${directory}: moltbot doctor`,
    });
    expect(readFileSync(join(directory, 'vault.age'))).toEqual(before);
  });

  it('writes 0600 under umask 000', async () => {
    const { answer } = await run([directory, 'open', '1', 'sk-sim-x', '0'], { umask: '000' });
    expect(answer.done).toBe(true);
    const modes = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777);
    expect(modes).toEqual(modes.map(() => 0o600));
  });
});

interface ChildOptions {
  readonly uid?: number;
  readonly umask?: string;
  /** `ulimit -f`: files cannot grow beyond it. */
  readonly fileSizeBlocks?: number;
}

interface ChildAnswer {
  readonly killed: boolean;
  readonly answer: Record<string, unknown>;
}

function run(values: string[], options: ChildOptions = {}): Promise<ChildAnswer> {
  const limit = options.fileSizeBlocks === undefined ? '' : `ulimit -f ${options.fileSizeBlocks};`;
  const script = `umask ${options.umask ?? '022'}; ${limit} exec "$@"`;
  const { uid } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      '/bin/sh',
      ['-c', script, 'sh', process.execPath, CHILD, ...values],
      uid === undefined ? {} : { uid, gid: uid },
      (error, stdout, stderr) => {
        if (child.signalCode === 'SIGKILL') resolve({ killed: true, answer: {} });
        else if (error) reject(new Error(stderr || String(error)));
        else resolve({ killed: false, answer: JSON.parse(stdout) as Record<string, unknown> });
      },
    );
  });
}
