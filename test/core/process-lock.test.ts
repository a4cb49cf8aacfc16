import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withProcessLock } from '../../src/core/process-lock.ts';

const MODULE = join(import.meta.dirname, '../../src/core/process-lock.ts');

describe('a process lock', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'moltbot-lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const path = () => join(directory, 'the.lock');

  it('lets one in at a time, in one process', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withProcessLock(path(), work)));
    expect(most).toBe(1);
  });

  it('gives up with DATABASE_BUSY when another process keeps it, and gets it the moment that process is killed', async () => {
    const holder = execFile(process.execPath, ['-e', holdFor(60_000)]);
    await new Promise((resolve) => holder.stdout!.once('data', resolve));
    await expect(withProcessLock(path(), async () => 'in', 60)).rejects.toMatchObject({ code: 'DATABASE_BUSY' });
    holder.kill('SIGKILL');
    expect(await withProcessLock(path(), async () => 'in', 5_000)).toBe('in');
  });

  it('is free again after the work has failed, and gives its error', async () => {
    const failing = withProcessLock(path(), async () => {
      throw new Error('of the work');
    });
    await expect(failing).rejects.toThrow('of the work');
    expect(await withProcessLock(path(), async () => 'in', 100)).toBe('in');
  });

  it('leaves an empty file with mode 0600', async () => {
    await withProcessLock(path(), async () => {});
    const { size, mode } = statSync(path());
    expect([size, mode & 0o777]).toEqual([0, 0o600]);
  });

  function holdFor(ms: number): string {
    return `import(${JSON.stringify(MODULE)}).then(({ withProcessLock }) => withProcessLock(${JSON.stringify(path())},
      async () => { console.log('held'); await new Promise((done) => setTimeout(done, ${ms})); }));`;
  }
});
