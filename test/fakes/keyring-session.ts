import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeSecretService } from '../../src/vault/probe-secret-service.ts';

const PROGRAMS = ['dbus-daemon', 'gnome-keyring-daemon'];
const INSTALL = 'sudo apt-get install -y gnome-keyring dbus-daemon';
const PASSWORD = 'ci';

/**
 * The command that installs what a private keyring session needs, or undefined when it is all there. Where `CI=true` the
 * suites that need it are no choice: they run, and fail, without it.
 */
export function keyringInstallCommand(): string | undefined {
  if (PROGRAMS.every(isInstalled) || process.env.CI === 'true') return undefined;
  return INSTALL;
}

/**
 * A real gnome-keyring in a D-Bus session of its own, with its own home: nothing of the person's is seen or touched.
 * Starts with an open default keyring.
 */
export class KeyringSession {
  readonly home: string;
  #bus: ChildProcess;
  #keyring: ChildProcess | undefined;

  private constructor(home: string, bus: ChildProcess) {
    this.home = home;
    this.#bus = bus;
  }

  static async start(): Promise<KeyringSession> {
    const home = mkdtempSync(join(tmpdir(), 'mbk-'));
    for (const directory of ['run', 'data/keyrings', 'config', 'cache'])
      mkdirSync(join(home, directory), { recursive: true, mode: 0o700 });
    const address = `unix:path=${join(home, 'run', 'bus')}`;
    const bus = spawn(
      'dbus-daemon',
      ['--session', '--nofork', '--nopidfile', `--address=${address}`, '--print-address=1'],
      {
        env: { ...process.env, ...variables(home) },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    await Promise.race([once(bus.stdout!, 'data'), once(bus, 'error').then(([error]) => Promise.reject(error))]);
    const session = new KeyringSession(home, bus);
    await session.unlock();
    return session;
  }

  /** What a child process (or this one) needs in its environment to use this session; undefined ones are to be unset. */
  get env(): Record<string, string | undefined> {
    return variables(this.home);
  }

  /** Restarts the keyring service with its default keyring locked, as after a login without a password. */
  async lock(): Promise<void> {
    await this.#restart([], 'locked');
  }

  /** Restarts the keyring service with its default keyring open. */
  async unlock(): Promise<void> {
    await this.#restart(['--unlock'], 'ready');
  }

  /** Stops the keyring service in its tracks: it is there and does not answer. `thaw` lets it go on. */
  freeze(): void {
    this.#keyring?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#keyring?.kill('SIGCONT');
  }

  /** The bus dies, as it does when the person logs out. */
  async killBus(): Promise<void> {
    await end(this.#bus);
  }

  async stop(): Promise<void> {
    if (this.#keyring) await end(this.#keyring);
    await end(this.#bus);
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  async #restart(options: string[], expected: 'locked' | 'ready'): Promise<void> {
    if (this.#keyring) await end(this.#keyring);
    this.#keyring = spawn('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...options], {
      env: { ...process.env, ...this.env },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#keyring.stdin!.end(PASSWORD);
    let last = 'nothing';
    for (let tries = 0; tries < 200; tries++) {
      const { condition, detail } = await probeSecretService(this.env as NodeJS.ProcessEnv, 2_000);
      if (condition === expected) return;
      last = detail;
      await sleep(25);
    }
    throw new Error(`the keyring service did not become ${expected}: ${last}`);
  }
}

function variables(home: string): Record<string, string | undefined> {
  return {
    HOME: home,
    XDG_RUNTIME_DIR: join(home, 'run'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(home, 'run', 'bus')}`,
    // A prompt that opens would be a bug; it must not open on the person's screen.
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this directory
    }
  });
}
