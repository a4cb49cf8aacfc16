import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellExports, shellOf } from '../../../src/cli/run/shell-exports.ts';

const HOSTILE = `a'b"c\\d $(echo no) \`no\` $HOME !x`;

describe('shell exports', () => {
  it('survives eval in a real bash byte for byte', () => {
    const lines = shellExports('bash', { MB_TEST: HOSTILE, MB_EMPTY: '' });
    const script = `eval "$LINES_TO_EVAL"; printf '%s|%s' "$MB_TEST" "\${MB_EMPTY-unset}"`;
    const out = execFileSync('bash', ['-c', script], { env: { PATH: process.env.PATH, LINES_TO_EVAL: lines } });
    expect(out.toString()).toBe(`${HOSTILE}|`);
  });

  it('quotes as each shell wants it', () => {
    expect(shellExports('zsh', { A: "it's" })).toBe(`export A='it'\\''s'`);
    expect(shellExports('fish', { A: "it's \\n" })).toBe(`set -gx A 'it\\'s \\\\n';`);
    expect(shellExports('powershell', { A: "it's" })).toBe(`$env:A = 'it''s'`);
  });

  it('knows the shell by its path', () => {
    const paths = ['/bin/bash', '/usr/bin/zsh', '/usr/local/bin/fish', 'C:\\pwsh.exe', '/bin/dash', undefined];
    expect(paths.map(shellOf)).toEqual(['bash', 'zsh', 'fish', 'powershell', 'bash', 'bash']);
  });
});
