import type { Environment } from '../config/environment.ts';
import { printable } from '../core/text.ts';
import { type AlertWay, WAY_LIMIT_MS, type WayResult } from './alert-way.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { variablesOf } from './variables-of.ts';

/** What finds the session of the person at the desktop. */
const VARIABLES = [
  'PATH',
  'HOME',
  'LANG',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
];

/** A fixed script; the text comes to it as an argument and is never read as a script. */
const APPLE_SCRIPT = ['on run argv', 'display notification (item 2 of argv) with title (item 1 of argv)', 'end run'];

/** A notice on the desktop of whoever runs the gateway: `notify-send` on Linux, `osascript` on macOS. */
export function desktopWay(env: Environment, platform: NodeJS.Platform = process.platform): AlertWay {
  return {
    name: 'desktop',
    async send({ text }, signal) {
      const words = noticeOf(platform, printable(text));
      if (!words) return { ok: false, said: `there are no desktop notices on ${platform}`, isLasting: true };
      const [program, ...args] = words;
      const own = variablesOf(env, VARIABLES);
      const run = { program, args, env: own, input: '', limitMs: WAY_LIMIT_MS, signal };
      return resultOf(program, await runProgram(run));
    },
  };
}

function noticeOf(platform: NodeJS.Platform, text: string): [string, ...string[]] | undefined {
  // The body may be shown as markup by the desktop, and `notify-send` reads backslashes in it.
  const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\\', '\\\\');
  if (platform === 'linux') return ['notify-send', '--app-name=moltbot', '--', 'moltbot', plain];
  if (platform === 'darwin') return ['osascript', ...APPLE_SCRIPT.flatMap((line) => ['-e', line]), 'moltbot', text];
  return undefined;
}

/** What a desktop's program says is its business and may be anything; without a session it fails the same way each time. */
function resultOf(program: string, end: ProgramEnd): WayResult {
  switch (end.kind) {
    case 'ended':
      return end.exitCode === 0
        ? { ok: true, said: `${program} showed it` }
        : { ok: false, said: `${program} ended with exit code ${end.exitCode}`, isLasting: true };
    case 'not_started':
      return {
        ok: false,
        said: end.code === 'ENOENT' ? `${program} is not installed` : `${program} cannot be started (${end.code})`,
        isLasting: true,
      };
    default:
      return { ok: false, said: `${program} did not end` };
  }
}
