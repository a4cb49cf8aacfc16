import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandWay } from '../../src/alerts/command-way.ts';
import { sendOver } from '../../src/alerts/ways-of.ts';
import { MESSAGE } from '../fakes/alert-message.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-command-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const NEVER = new AbortController().signal;

/** A command file with that shell text. */
function program(text: string): string {
  const file = join(directory, 'tell');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o700);
  return file;
}

function run(command: readonly string[], env: Record<string, string> = {}, limitMs?: number, signal = NEVER) {
  const way = commandWay(command, { PATH: process.env.PATH, ...env }, limitMs);
  return sendOver(way, MESSAGE, signal);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pidIn = (name: string) => Number(readFileSync(join(directory, name), 'utf8'));
const written = (name: string) =>
  vi.waitFor(() => expect(existsSync(join(directory, name)) && pidIn(name)).toBeGreaterThan(0), 5_000);

describe('an alert command', () => {
  it('gets the alert as one line of JSON, its arguments as they are, and PATH, HOME, LANG and nothing else', async () => {
    const file = program(`cat > "${directory}/stdin"; printf '%s|' "$@" > "${directory}/args"; pwd > "${directory}/cwd"
      tr '\\0' '\\n' < /proc/$$/environ | sort > "${directory}/env"`);
    const env = { HOME: directory, LANG: 'C.UTF-8', MY_CANARY: 'not-for-commands', DBUS_SESSION_BUS_ADDRESS: 'x' };
    const result = await run([file, '$(touch evil)', 'two words', ';'], env);
    expect(result).toEqual({ ok: true, said: `${file} ended with exit code 0` });
    const read = (name: string) => readFileSync(join(directory, name), 'utf8');
    expect(read('stdin')).toBe(`${JSON.stringify(MESSAGE)}\n`);
    expect(read('args')).toBe('$(touch evil)|two words|;|');
    expect(read('cwd')).toBe('/\n');
    expect(read('env').trim().split('\n')).toEqual([`HOME=${directory}`, 'LANG=C.UTF-8', `PATH=${process.env.PATH}`]);
  });

  it('that fails is told of by its exit code and the first line of its stderr, made printable', async () => {
    const file = program(`printf 'no \\033[31mline\\r\\nsecond line\\n' >&2; exit 7`);
    expect(await run([file])).toEqual({ ok: false, said: `${file} ended with exit code 7: no \\u{1b}[31mline` });
  });

  it('may talk as much as it likes, and is quoted shortly', async () => {
    const file = program(`head -c 300000 /dev/zero | tr '\\0' y >&2; head -c 300000 /dev/zero; exit 1`);
    const { said } = await run([file]);
    expect(said).toBe(`${file} ended with exit code 1: ${'y'.repeat(199)}…`);
  });

  it('that hangs is killed after its time, with all it has started', async () => {
    const file = program(`sleep 300 & echo $! > "${directory}/child"; echo $$ > "${directory}/own"; wait`);
    expect(await run([file], {}, 500)).toEqual({
      ok: false,
      said: `${file} was killed, because it took longer than 0.5 s`,
    });
    await vi.waitFor(() => expect([isAlive(pidIn('own')), isAlive(pidIn('child'))]).toEqual([false, false]), 5_000);
  });

  it('is killed when the gateway ends', async () => {
    const stop = new AbortController();
    const file = program(`echo $$ > "${directory}/own"; sleep 300`);
    const result = run([file], {}, 60_000, stop.signal);
    await written('own');
    stop.abort();
    expect(await result).toEqual({ ok: false, said: `${file} was killed, because the gateway ends` });
    await vi.waitFor(() => expect(isAlive(pidIn('own'))).toBe(false), 5_000);
  });

  it('is over when it ends, whatever it has left in the background', async () => {
    const file = program(`sleep 300 & echo $! > "${directory}/child"; exit 3`);
    expect(await run([file], {}, 60_000)).toEqual({ ok: false, said: `${file} ended with exit code 3` });
    process.kill(pidIn('child'), 'SIGKILL');
  });

  it('that takes no input is fine', async () => {
    const file = program('exec 0<&-; exit 0');
    expect(await run([file])).toMatchObject({ ok: true });
  });

  it('that another program kills is told of', async () => {
    const file = program('kill -9 $$');
    expect(await run([file])).toEqual({ ok: false, said: `${file} was killed` });
  });

  it.each([
    ['that is not there', ['/nowhere/tell'], 'ENOENT'],
    ['with a null character', ['/bin/true', 'a\0b'], 'ERR_INVALID_ARG_VALUE'],
    ['that is a directory', ['/tmp'], 'EACCES'],
  ])('%s is a fault of the set-up', async (_name, command, code) => {
    expect(await run(command)).toEqual({
      ok: false,
      said: `${command[0]} cannot be started (${code})`,
      isLasting: true,
    });
  });
});
