import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Why this machine cannot make networks of its own, or undefined when it can. Where `CI=true` a missing `ip` is no
 * reason: the suites that need it run, and fail, without it.
 */
export function noNetworksBecause(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const hasIp = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'ip')));
  if (!hasIp) return process.env.CI === 'true' ? undefined : 'apt-get install iproute2';
  try {
    new TwoNetworks()[Symbol.dispose]();
    return undefined;
  } catch {
    // A container without the right to: nothing that a package could mend.
    return 'this system does not let network namespaces be made';
  }
}

let made = 0;

/** Two machines as far as the network goes: namespaces that reach each other over one cable, and nothing else. */
export class TwoNetworks implements Disposable {
  readonly hostAddress = '10.99.1.1';
  readonly guestAddress = '10.99.1.2';
  readonly #host: string;
  readonly #guest: string;

  constructor() {
    const name = `mb${process.pid}-${++made}`;
    this.#host = `${name}-host`;
    this.#guest = `${name}-guest`;
    try {
      this.#connect();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Words that run a program there. */
  get onHost(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#host];
  }

  get onGuest(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#guest];
  }

  [Symbol.dispose](): void {
    for (const namespace of [this.#host, this.#guest]) {
      try {
        ip('netns', 'del', namespace);
      } catch {
        // It was never made.
      }
    }
  }

  #connect(): void {
    const [host, guest] = [this.#host, this.#guest];
    ip('netns', 'add', host);
    ip('netns', 'add', guest);
    ip('link', 'add', 'cable', 'netns', host, 'type', 'veth', 'peer', 'name', 'cable', 'netns', guest);
    for (const [namespace, address] of [
      [host, this.hostAddress],
      [guest, this.guestAddress],
    ] as const) {
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'cable');
      ip('-n', namespace, 'link', 'set', 'cable', 'up');
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
