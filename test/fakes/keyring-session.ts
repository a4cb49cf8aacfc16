import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeSecretService } from '../../src/vault/probe-secret-service.ts';

const PROGRAMS = ['dbus-daemon', 'gnome-keyring-daemon'];
const INSTALL = 'sudo apt-get install -y gnome-keyring dbus-daemon';
const PASSWORD = 'ci';

/** A session bus that starts no service by itself: a second keyring service or a prompt would come in between. */
const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=SOCKET</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`;

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
 * Starts with an open default keyring. One per process: native code keeps the first bus address it has used.
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
    writeFileSync(join(home, 'bus.conf'), BUS_CONFIG.replace('SOCKET', join(home, 'run', 'bus')));
    const session = new KeyringSession(home, await startBus(home));
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

  /** The bus dies, as it does when the person logs out. `restartBus` brings it back at the same address. */
  async killBus(): Promise<void> {
    await end(this.#bus);
  }

  async restartBus(): Promise<void> {
    this.#bus = await startBus(this.home);
    await this.unlock();
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

async function startBus(home: string): Promise<ChildProcess> {
  rmSync(join(home, 'run', 'bus'), { force: true });
  const bus = spawn('dbus-daemon', [`--config-file=${join(home, 'bus.conf')}`, '--nofork', '--print-address=1'], {
    env: { ...process.env, ...variables(home) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const failed = once(bus, 'error').then(([error]) => Promise.reject(error));
  await Promise.race([once(bus.stdout!, 'data'), failed]);
  return bus;
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
