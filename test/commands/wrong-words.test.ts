import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

describe('a credential that is typed in the wrong place', () => {
  const canary = `sk-ant-${'c4'.repeat(30)}`;

  it.each([
    [[canary]],
    [['models', canary]],
    [['models', 'auth', canary]],
    [['models', 'auth', 'setup-token', canary]],
    [['models', 'auth', 'paste-api-key', '--provider', canary]],
    [['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--profile-id', canary]],
    [['models', 'auth', 'remove', canary]],
    [['models', 'auth', 'why', canary]],
    [['models', 'auth', 'test', canary]],
    [['models', 'status', '--agent', canary]],
    [['models', 'status', `--${canary}`]],
    [['onboard', '--auth-choice', canary]],
    [['onboard', '--vault', canary]],
    [['onboard', '--xai-api-key', canary]],
    [['onboard', '--anthropic-api-key-file', canary]],
    [['onboard', '--anthropic-api-key', 'sk-ant-x', '--base-url', canary]],
    [['doctor', canary]],
  ])('is a usage error that repeats nothing of it: %#', async (words) => {
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCli(home, [...words, ...json]);
      expect(code).toBe(64);
      expect(findCanary(canary, { directories: [home.directory], texts: { stdout, stderr } })).toEqual([]);
    }
  });
});

describe('a value that names nothing', () => {
  it.each([
    [
      ['config', 'restore', 'x'],
      'There is no kept version "x" of the config.\nSee which there are: moltbot config history\n',
    ],
    [
      ['config', 'diff', '7'],
      'There is no kept version "7" of the config.\nSee which there are: moltbot config history\n',
    ],
    [
      ['models', 'auth', 'list', '--provider', 'nosuch'],
      'There is no provider "nosuch".\nKnown: anthropic, openai, xai. Define another: moltbot backend add --help\n',
    ],
  ])('is a usage error that says where to look: %j', async (words, expected) => {
    const { code, stdout, stderr } = await runCli(home, words);
    expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: '', stderr: expected });
  });
});

describe('a removal without a terminal', () => {
  it('names the question and the flag that answers it', async () => {
    await runCli(home, ['agents', 'add', 'reviewer']);
    const { code, stderr } = await runCli(home, ['agents', 'remove', 'reviewer']);
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr:
        '"Remove the agent reviewer with its credentials and tokens?" needs a yes, and there is no terminal to ask on.\n' +
        'Say yes on the command line: --yes\n',
    });
  });
});

describe('a word that is no command', () => {
  it.each([
    [['modls', 'status'], 'Did you mean'],
    [['models', 'stats'], 'Did you mean: moltbot models status'],
    [['doctr'], 'Did you mean: moltbot doctor'],
  ])('names the command that was probably meant: %j', async (words, hint) => {
    const { code, stderr } = await runCli(home, words);
    expect(code).toBe(64);
    expect(stderr).toContain(hint);
  });
});

describe('a usage error', () => {
  it('ends with the help of that command, as it can be typed', async () => {
    const { code, stderr } = await runCli(home, ['models', 'auth', 'why']);
    expect([code, stderr.trimEnd().split('\n').at(-1)]).toEqual([64, 'See: moltbot models auth why --help']);
    expect((await runCli(home, ['models', 'auth', 'why', '--help'])).code).toBe(0);
  });

  it.each([
    [['connect'], '<client> is missing: which client.', 'connect'],
    [['config', 'set'], '<path> and <value> are missing.', 'config set'],
    [['connect', 'hunter2'], 'The argument is one of: claude, codex, opencode.', 'connect'],
    [['gateway', 'logs', '--lines', 'hunter2'], '--lines takes a whole number.', 'gateway logs'],
    [['gateway', 'logs', '--lines=-1'], '--lines is at least 0.', 'gateway logs'],
    [['gateway', 'run', '--port', '70000'], '--port is at most 65535.', 'gateway run'],
    [['gateway', 'run', '--port'], '--port needs a value.', 'gateway run'],
    [['onboard', '--vault', 'hunter2'], '--vault takes one of: keychain, file.', 'onboard'],
    [['onboard', '--vault'], '--vault takes one of: keychain, file.', 'onboard'],
    [['models', 'auth', 'paste-api-key'], '--provider is missing.', 'models auth paste-api-key'],
    [['connect', 'claude', '--undo', '--agent', 'hunter2'], '--agent and --undo cannot be given together.', 'connect'],
    [['env', '--hunter2=hunter2'], 'There is no such flag.', 'env'],
    [['connect', 'claude', 'hunter2'], 'This command does not take that argument.', 'connect'],
  ])('says in our words what is wrong, and nothing of what was typed: %j', async (words, sentence, command) => {
    const { code, stdout, stderr } = await runCli(home, words);
    expect({ code, stdout, stderr }).toEqual({
      code: 64,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`See: moltbot ${command} --help\n$`)),
    });
    expect(stderr.split('\n')[0]).toBe(sentence);
    expect(stderr).not.toContain('hunter2');
  });

  it('names an unknown flag and the one that was probably meant', async () => {
    const { code, stderr } = await runCli(home, ['env', '--agnt=secret']);
    expect([code, stderr]).toEqual([64, 'There is no flag --agnt.\nDid you mean --agent? See: moltbot env --help\n']);
  });
});
