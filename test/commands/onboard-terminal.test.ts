import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { runCli } from '../fakes/cli.ts';
import { home, simulateForEach, simulator } from '../fakes/simulated-home.ts';
import { hasTmux, openTerminal, type Terminal } from '../fakes/terminal.ts';

const isMandatory = process.env.CI === 'true';
if (!hasTmux() && !isMandatory) {
  console.warn('Skipped: the tests on a real terminal. They need tmux: apt-get install tmux');
}

let terminal: Terminal;
simulateForEach();
afterEach(() => terminal.close());

const token = () => simulator.issueKey('anthropic', 'mine', 'token');
const key = () => simulator.issueKey('anthropic', 'work');
const pasteToken = () =>
  openTerminal(home, ['models', 'auth', 'paste-token', '--base-url', simulator.url, '--vault', 'file']);

function nothingStored() {
  expect(existsSync(join(home.stateDir, 'vault.age'))).toBe(false);
  expect(existsSync(join(home.stateDir, 'moltbot.json'))).toBe(false);
}

describe.skipIf(!hasTmux() && !isMandatory)('on a terminal', () => {
  it('takes a token that was wrapped over two lines as one hidden paste', async () => {
    terminal = pasteToken();
    await terminal.shows(/Paste the Anthropic token.*\(hidden\)/);
    terminal.paste(`${token().slice(0, 70)}\n${token().slice(70)}\n`);
    await terminal.shows(new RegExp(`\\(${token().length + 2} characters\\)`));
    terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    expect(findCanary(token(), { texts: { screen: terminal.screen() } })).toEqual([]);
    expect(terminal.screen()).not.toContain(token().slice(20, 60));
    expect(simulator.requests.map(({ credentials }) => credentials[0]!.name)).toEqual(['mine']);
  });

  it.each([
    ['Ctrl-C', ['C-c'], 130, /Interrupted; nothing was stored\./],
    ['Ctrl-C after a half-typed token', ['sk-ant', 'C-c'], 130, /Interrupted; nothing was stored\./],
    ['the end of input', ['C-d'], 130, /The input ended; nothing was stored\./],
    ['an empty paste', ['Enter'], 64, /No Anthropic token \(paste setup-token\) was given; nothing was stored\./],
  ] as const)('stores nothing after %s', async (_, keys, code, text) => {
    terminal = pasteToken();
    await terminal.shows(/\(hidden\)/);
    terminal.press(...keys);
    expect(await terminal.exitCode()).toBe(code);
    expect(terminal.screen()).toMatch(text);
    expect(terminal.screen()).not.toContain('sk-ant');
    expect(simulator.requests).toEqual([]);
    nothingStored();
  });

  async function upToTheModel() {
    terminal = openTerminal(home, ['onboard', '--vault', 'file', '--base-url', simulator.url]);
    const first = await terminal.shows(/What do you want to use\?[\s\S]*OpenAI API key/);
    expect(first).toMatch(
      /Try it with the simulator, no key needed\s+❯ Anthropic API key\s+Anthropic token \(paste setup-token\)/,
    );
    terminal.press('Enter');
    await terminal.shows(/it is shown once[\s\S]*\(hidden\)/);
    terminal.paste(key());
    await terminal.shows(/\(\d+ characters\)/);
    terminal.press('Enter');
    return terminal.shows(/Which model is the default\?[\s\S]*❯ Claude Haiku 4\.5/);
  }

  it('asks for provider, key, model and vault, shows what it will write, and writes it once at the end', async () => {
    const models = await upToTheModel();
    expect(models).toMatch(/❯ Claude Haiku 4\.5 +\$1 in · \$5 out per 1M tokens/);
    expect(simulator.requests).toHaveLength(1);
    terminal.press('Enter');
    await terminal.shows(/This will be written:[\s\S]*vault\.kind = "file"[\s\S]*Write this\?/);
    nothingStored();
    terminal.press('Enter');
    await terminal.shows(/Ask for a passphrase before anything widens/);
    terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.screen()).toMatch(/Stored anthropic:default[\s\S]*Next: \S+ run -- claude/);
    expect(readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8')).toContain('anthropic/claude-haiku-4-5');
    const status = JSON.parse((await runCli(home, ['models', 'status', '--json'])).stdout);
    expect(status.auth.providers[0].effective.profileId).toBe('anthropic:default');
    expect(findCanary(key(), { directories: [home.directory], texts: { screen: terminal.screen() } })).toEqual([]);
  });

  it.each([
    ['Ctrl-C at the default model', ['C-c']],
    ['Ctrl-C at the last question', ['Enter', 'C-c']],
    ['no at the last question', ['Enter', 'n', 'Enter']],
  ] as const)('stores nothing after %s', async (_, keys) => {
    await upToTheModel();
    for (const pressed of keys) {
      terminal.press(pressed);
      if (pressed === 'Enter' && keys.length > 1) await terminal.shows(/Write this\?/);
    }
    expect(await terminal.exitCode()).toBe(130);
    nothingStored();
  });

  it('shows the demo to a person without a key', async () => {
    terminal = openTerminal(home, ['onboard']);
    await terminal.shows(/What do you want to use\?/);
    terminal.press('Up', 'Enter');
    await terminal.shows(/The demo goes on serving\./);
    terminal.press('C-c');
    await terminal.exitCode();
    expect(existsSync(home.stateDir)).toBe(false);
  });

  it('says no to a refused key before anything else is asked', async () => {
    terminal = openTerminal(home, ['onboard', '--vault', 'file', '--base-url', simulator.url]);
    await terminal.shows(/What do you want to use\?/);
    terminal.press('Enter');
    await terminal.shows(/\(hidden\)/);
    terminal.paste(`sk-ant-sim-${'x'.repeat(40)}`);
    await terminal.shows(/\(51 characters\)/);
    terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(1);
    expect(terminal.screen()).toMatch(/Anthropic refused this key/);
    nothingStored();
  });
});
