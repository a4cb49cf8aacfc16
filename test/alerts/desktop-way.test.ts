import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { desktopWay } from '../../src/alerts/desktop-way.ts';
import { sendOver } from '../../src/alerts/ways-of.ts';
import { MESSAGE } from '../fakes/alert-message.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-desktop-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(directory, name), 'utf8');

/** A program of that name, the first in PATH, that writes down its arguments and its environment. */
function fake(name: string, exitCode = 0): void {
  const file = join(directory, name);
  const text = `printf '%s\\n' "$@" > "${directory}/args"; tr '\\0' '\\n' < /proc/$$/environ | sort > "${directory}/env"`;
  writeFileSync(file, `#!/bin/sh\n${text}\nexit ${exitCode}\n`);
  chmodSync(file, 0o700);
}

function show(text: string, platform: NodeJS.Platform, path = `${directory}:${process.env.PATH}`) {
  const env = {
    PATH: path,
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    DISPLAY: ':7',
    MY_CANARY: 'not-for-desktops',
  };
  return sendOver(desktopWay(env, platform), { ...MESSAGE, text }, new AbortController().signal);
}

describe('a desktop notice', () => {
  it('is one argument of notify-send, without markup, escapes or options of its own', async () => {
    fake('notify-send');
    const text = '--icon=x <b>"80 %"</b> & \\n\n$(touch evil)';
    expect(await show(text, 'linux')).toEqual({ ok: true, said: 'notify-send showed it' });
    expect(read('args').split('\n')).toEqual([
      '--app-name=moltbot',
      '--',
      'moltbot',
      '--icon=x &lt;b&gt;"80 %"&lt;/b&gt; &amp; \\\\n\\\\u{a}$(touch evil)',
      '',
    ]);
    expect(read('env').trim().split('\n')).toEqual([
      'DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere',
      'DISPLAY=:7',
      `PATH=${directory}:${process.env.PATH}`,
    ]);
  });

  it('is an argument of a fixed script on macOS, and no script itself', async () => {
    fake('osascript');
    const text = '" & (do shell script "touch evil") & "';
    expect(await show(text, 'darwin')).toEqual({ ok: true, said: 'osascript showed it' });
    expect(read('args').trimEnd().split('\n')).toEqual([
      '-e',
      'on run argv',
      '-e',
      'display notification (item 2 of argv) with title (item 1 of argv)',
      '-e',
      'end run',
      'moltbot',
      text,
    ]);
  });

  it.each([
    ['without the program', 'linux', 'notify-send is not installed'],
    ['on a system that has none', 'win32', 'there are no desktop notices on win32'],
  ] as const)('%s is a fault of the set-up', async (_name, platform, said) => {
    expect(await show('Hello.', platform, directory)).toEqual({ ok: false, said, isLasting: true });
  });

  it('that nobody can see is a fault of the set-up', async () => {
    fake('notify-send', 1);
    expect(await show('Hello.', 'linux')).toEqual({
      ok: false,
      said: 'notify-send ended with exit code 1',
      isLasting: true,
    });
  });
});
