import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
beforeAll(() => {
  home = cliHome();
});
afterAll(() => home.remove());

/** What a real bash offers after these words, the last of which is being typed. */
function completions(script: string, words: readonly string[]): string[] {
  const ask = `eval "$SCRIPT"; COMP_WORDS=(moltbot ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _moltbot; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', ask], { env: { PATH: process.env.PATH, SCRIPT: script } });
  return out.toString().split('\n').filter(Boolean);
}

describe('autocomplete', () => {
  it('completes commands, their commands and their flags in a real bash', async () => {
    const { code, stdout } = await runCli(home, ['autocomplete', 'bash']);
    expect(code).toBe(0);
    expect(completions(stdout, ['gate'])).toEqual(expect.arrayContaining(['gateway']));
    expect(completions(stdout, ['gateway', 'st'])).toEqual(['start', 'status', 'stop']);
    expect(completions(stdout, ['gateway', 'run', '--fr'])).toEqual(['--free-port']);
    expect(completions(stdout, ['get', 'anthropic', '--tt'])).toEqual(['--ttl']);
    // Plain "npm start" is not for people to type.
    expect(completions(stdout, ['sta'])).toEqual([]);
  });

  it('prints a script for the other shells, and refuses one it does not know', async () => {
    expect((await runCli(home, ['autocomplete', 'fish'])).stdout).toContain(
      "complete -c moltbot -a '(__moltbot_complete)'",
    );
    expect((await runCli(home, ['autocomplete', 'zsh'])).stdout).toMatch(/^autoload -U \+X bashcompinit/);
    expect((await runCli(home, ['autocomplete', 'tcsh'])).code).toBe(64);
  });
});
