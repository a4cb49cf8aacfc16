import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { followFile, lastLines } from '../../../src/cli/gateway-process/follow-file.ts';

const inFile = async (text: string, work: (file: string) => void | Promise<void>) => {
  const dir = mkdtempSync(join(tmpdir(), 'moltbot-follow-'));
  const file = join(dir, 'log');
  writeFileSync(file, text);
  await work(file);
  rmSync(dir, { recursive: true });
};

describe('reading a log', () => {
  it('gives the last lines, also across the pieces it reads', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index} é`);
    await inFile(`${lines.join('\n')}\n`, (file) => {
      expect(lastLines(file, 2).text).toBe('line 29998 é\nline 29999 é\n');
      expect(lastLines(file, 20_000).text).toBe(`${lines.slice(10_000).join('\n')}\n`);
      expect(lastLines(file, 99_999).text).toBe(`${lines.join('\n')}\n`);
      expect(lastLines(file, 0).text).toBe('');
    });
  });

  it('goes on with what is appended, and begins anew in a file that was replaced', async () => {
    await inFile('old\n', async (file) => {
      let seen = '';
      const waitFor = async (text: string) => expect.poll(() => seen, { timeout: 5_000 }).toBe(text);
      void followFile(file, 4, (more) => {
        seen += more;
      }).catch(() => {
        // The file is gone when the test is over.
      });
      appendFileSync(file, 'more\n');
      await waitFor('more\n');
      writeFileSync(file, 'n\n');
      await waitFor('more\nn\n');
    });
  });
});
