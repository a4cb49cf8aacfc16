import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDirectory } from '../../src/core/make-directory.ts';

it('makes what is missing, each part for its owner only', () => {
  const root = mkdtempSync(join(tmpdir(), 'moltbot-directory-'));
  makeDirectory(join(root, 'a', 'b'));
  makeDirectory(join(root, 'a', 'b'));
  expect(['a', 'a/b'].map((name) => statSync(join(root, name)).mode & 0o777)).toEqual([0o700, 0o700]);
  rmSync(root, { recursive: true });
});

it.skipIf(process.platform !== 'linux')('gives up at once where no directory can be made', () => {
  expect(() => makeDirectory('/proc/moltbot/state')).toThrow(/ENOENT/);
});
