import { Errors } from '@oclif/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hideCredentials } from '../../src/cli/hide-credentials.ts';
import { reportError } from '../../src/cli/report-error.ts';
import { MoltbotError } from '../../src/core/errors.ts';

const KEY = `sk-ant-${'a1'.repeat(20)}`;
let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe('reportError', () => {
  it('prints sentence and hint to stderr and gives the exit code', () => {
    const error = new MoltbotError('VAULT_LOCKED', 'The vault is locked.', { hint: 'Unlock it.' });
    expect({ code: reportError(error, []), stdout, stderr }).toEqual({
      code: 69,
      stdout: '',
      stderr: 'The vault is locked.\nUnlock it.\n',
    });
  });

  it('prints one object to stdout under --json', () => {
    const error = new MoltbotError('USAGE', 'Wrong.', { cause: new Error(KEY) });
    expect(reportError(error, ['x', '--json'])).toBe(64);
    expect({ json: JSON.parse(stdout), stderr }).toEqual({
      json: { error: { code: 'USAGE', message: 'Wrong.' } },
      stderr: '',
    });
  });

  it('takes --json behind "--" for an argument of another program', () => {
    reportError(new MoltbotError('USAGE', 'Wrong.'), ['run', '--', 'claude', '--json']);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'Wrong.\n' });
  });

  it('shows nothing of an error that is not ours', () => {
    const foreign = Object.assign(new Error(`failed with ${KEY}`), { headers: { authorization: KEY } });
    expect(reportError(foreign, ['--json'])).toBe(70);
    expect(JSON.parse(stdout).error.code).toBe('INTERNAL');
    expect(stdout + stderr).not.toContain('a1a1');
  });

  it('takes credentials out of what was typed', () => {
    reportError(new MoltbotError('USAGE', `"${KEY}" is not a profile id.`), []);
    reportError(new Errors.CLIError(`Unexpected argument: ${KEY}\nSee more help with --help`), []);
    reportError(new Errors.CLIError(`Nonexistent flag: --${KEY}\nSee more help with --help`), []);
    expect(stderr).not.toContain('a1a1');
    expect(stderr.split('\n').filter((line) => line.includes('…'))).toEqual(
      [
        '"sk-ant-…" is not a profile id.',
        'Secrets are never arguments: they come by prompt, --…-stdin or --…-file. See: moltbot --help',
      ].toSorted((a, b) => stderr.indexOf(a) - stderr.indexOf(b)),
    );
  });

  it('takes a prompt that was left for an interruption', () => {
    const left = Object.assign(new Error('User force closed the prompt'), { name: 'ExitPromptError' });
    expect([reportError(left, []), stderr]).toEqual([130, 'Interrupted; nothing was stored.\n']);
  });

  it('leaves an exit that a command chose alone', () => {
    expect([reportError(new Errors.ExitError(3), []), stdout, stderr]).toEqual([3, '', '']);
  });
});

describe('hideCredentials', () => {
  it.each([
    `sk-ant-${'x'.repeat(20)}`,
    `sk-proj-${'x'.repeat(20)}`,
    `sk-${'x'.repeat(20)}`,
    `xai-${'x'.repeat(20)}`,
    `mbt_${'x'.repeat(49)}`,
  ])('keeps the kind and hides the rest of %s', (credential) => {
    expect(hideCredentials(`got ${credential} here`)).toMatch(/^got (sk-ant-|sk-proj-|sk-|xai-|mbt_)… here$/);
  });

  it('leaves samples, masked labels and names of flags readable', () => {
    const text = 'the form sk-ant-api03-… or sk-ant-oat01-…; --xai-api-key-stdin reads it';
    expect(hideCredentials(text)).toBe(text);
  });
});
