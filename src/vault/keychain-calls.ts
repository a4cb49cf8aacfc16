import { MoltbotError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { type Probe, probeSecretService } from './probe-secret-service.ts';

/** What is used of `AsyncEntry` of @napi-rs/keyring. */
export interface KeychainEntry {
  getPassword(signal?: AbortSignal): Promise<string | null>;
  setPassword(password: string, signal?: AbortSignal): Promise<unknown>;
  deletePassword(signal?: AbortSignal): Promise<boolean>;
}

export interface KeychainOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** How long one call may take; a person may have to answer a question of the keychain's. */
  readonly timeLimitMs: number;
  readonly platform: NodeJS.Platform;
  /** Makes the native entry of an account. */
  readonly newEntry: (account: string) => Promise<KeychainEntry>;
}

const PAUSE_MS = 30_000;
const PROBE_MS = 2_000;

type Call<T> = (entry: KeychainEntry, signal: AbortSignal) => Promise<T>;

/**
 * Native keychain calls, one at a time: each blocks a thread of libuv's pool while the keychain thinks, and four stuck
 * ones stop every file read of the process. After a failure none is made for 30 s, and none while an earlier one that ran
 * into its time limit is still stuck. On Linux none is made on a locked keyring: it would open a prompt and wait for it.
 */
export class KeychainCalls {
  readonly #options: KeychainOptions;
  /** Constructing an entry blocks for 4 ms and connects; a kept one answers in 0.3 ms. */
  readonly #entries = new Map<string, KeychainEntry>();
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: MoltbotError; readonly untilMs: number } | undefined;
  #isStuck = false;

  constructor(options: KeychainOptions) {
    this.#options = options;
  }

  /** Waits for its turn, then calls. Fails with VAULT_LOCKED or VAULT_UNAVAILABLE. */
  run<T>(account: string, call: Call<T>): Promise<T> {
    const turn = this.#last.then(() => this.#callNow(account, call));
    this.#last = turn.catch(() => {}); // told to whoever asked
    return turn;
  }

  /** Whether calls could be made now, without making one. */
  async probe(): Promise<Probe> {
    const { env, platform } = this.#options;
    if (platform !== 'linux') return { condition: 'ready', detail: 'the keychain of this system is asked when needed' };
    return probeSecretService(env, PROBE_MS);
  }

  async #callNow<T>(account: string, call: Call<T>): Promise<T> {
    if (this.#isStuck) throw unavailable('an earlier call is still waiting for an answer');
    if (this.#failure && this.#options.clock() < this.#failure.untilMs) throw this.#failure.error;
    this.#failure = undefined;
    const probe = await this.probe();
    // Asking again costs 3 ms and opens no prompt, so this needs no pause: an unlocked keyring is noticed at once.
    if (probe.condition !== 'ready') throw errorOf(probe);
    try {
      return await this.#callTwice(account, call);
    } catch (error) {
      this.#entries.clear();
      const failure = await this.#errorFor(error);
      this.#failure = { error: failure, untilMs: this.#options.clock() + PAUSE_MS };
      throw failure;
    }
  }

  /** A kept entry has a session that ends when the keyring service is restarted; a new one is tried once, then. */
  async #callTwice<T>(account: string, call: Call<T>): Promise<T> {
    const kept = this.#entries.get(account);
    if (kept) {
      try {
        return await this.#withTimeLimit(kept, call);
      } catch (error) {
        if (error instanceof MoltbotError) throw error;
        this.#entries.clear();
      }
    }
    const entry = await this.#options.newEntry(account);
    this.#entries.set(account, entry);
    return this.#withTimeLimit(entry, call);
  }

  /** The signal takes back a call that has not begun; one that has begun goes on in its thread, and counts as stuck. */
  async #withTimeLimit<T>(entry: KeychainEntry, call: Call<T>): Promise<T> {
    const abort = new AbortController();
    const { promise: limit, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(unavailable(`no answer within ${this.#options.timeLimitMs / 1000} s`));
      abort.abort();
    }, this.#options.timeLimitMs);
    this.#isStuck = true;
    const answer = call(entry, abort.signal).finally(() => {
      this.#isStuck = false;
    });
    answer.catch(() => {}); // after the limit nobody waits for it any more
    return Promise.race([answer, limit]).finally(() => clearTimeout(timer));
  }

  /** Locked and unavailable have one error code in the library, so the service is asked once more which it was. */
  async #errorFor(error: unknown): Promise<MoltbotError> {
    if (error instanceof MoltbotError) return error;
    const probe = await this.probe();
    if (probe.condition !== 'ready') return errorOf(probe, error);
    const text = error instanceof Error ? error.message : '';
    // macOS: errSecInteractionNotAllowed (-25308), errSecAuthFailed (-25293), errSecUserCanceled (-128).
    if (/-25308|-25293|-128\b|interaction is not allowed|user name or passphrase/i.test(text))
      return errorOf({ condition: 'locked', detail: 'it did not open' }, error);
    return unavailable('it refused the call', error);
  }
}

function errorOf(probe: Probe, cause?: unknown): MoltbotError {
  if (probe.condition === 'unavailable') return unavailable(probe.detail, cause);
  return new MoltbotError('VAULT_LOCKED', `The keychain is locked: ${probe.detail}.`, {
    hint: 'Unlock it (log in at the desktop, open the keyring app, or on macOS: security unlock-keychain), then run the command again.',
    cause,
  });
}

function unavailable(detail: string, cause?: unknown): MoltbotError {
  return new MoltbotError('VAULT_UNAVAILABLE', `The keychain cannot be used: ${detail}.`, {
    hint: 'Run it inside a desktop session with a keyring service, or keep credentials in the encrypted file: moltbot onboard --vault file',
    cause,
  });
}
