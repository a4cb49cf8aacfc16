import { lookup as systemLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { MoltbotError } from '../core/errors.ts';
import { kindOfAddress, literalAddress } from './addresses.ts';

export interface UpstreamSettings {
  readonly connectMs: number;
  /** From the config's `network`, else `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, `NODE_EXTRA_CA_CERTS`. */
  readonly proxyUrl?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly caFile?: string | undefined;
}

/** One fixed place requests go to. A `path` always starts with `/`; nothing in it can change the origin. */
export interface Destination {
  /** `https://api.anthropic.com`: scheme, host and port, no path. */
  readonly origin: string;
  /** Whether a *name* may resolve to a private address. A private literal in the origin is permission by itself. */
  readonly allowPrivateNetwork: boolean;
}

/** Loaded when the first connection is wanted: it costs 80 ms, and most commands connect to nothing. */
function loadUndici(): typeof import('undici') {
  return createRequire(import.meta.url)('undici') as typeof import('undici');
}

/** A connection refused by policy, seen where the socket would be opened. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * The way out: keep-alive HTTP/1.1 pools to fixed origins, TLS always verified, addresses judged where the socket is
 * opened. Everything that talks to a provider goes through here: traffic, test calls, probes. undici's own limits on
 * headers and bodies are off; the callers have timers of their own.
 */
export class Upstream {
  readonly #settings: UpstreamSettings;
  readonly #pools = new Map<string, Dispatcher>();
  #authorities: string[] | undefined;

  constructor(settings: UpstreamSettings) {
    this.#settings = settings;
  }

  /** The dispatcher for a destination. Throws ADDRESS_NOT_ALLOWED for an address that is never a provider. */
  pool(destination: Destination): Dispatcher {
    const key = `${destination.allowPrivateNetwork} ${destination.origin}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = this.#open(destination);
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Closes pooled sockets that were idle, for example after the machine slept; requests under way finish. */
  dropIdle(): void {
    for (const pool of this.#pools.values()) void pool.close().catch(() => pool.destroy());
    this.#pools.clear();
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #open({ origin, allowPrivateNetwork }: Destination): Dispatcher {
    const { EnvHttpProxyAgent, Pool } = loadUndici();
    const hostname = new URL(origin).hostname;
    const literal = literalAddress(hostname);
    if (literal && kindOfAddress(literal) === 'metadata') throw metadataRefused(origin);
    const options = {
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      pipelining: 1,
      connect: {
        timeout: this.#settings.connectMs,
        ...(literal ? {} : { lookup: guardedLookup(allowPrivateNetwork) }),
        ...this.#trust(),
      },
    };
    if (!this.#settings.proxyUrl || literal) return new Pool(origin, options);
    const { proxyUrl, noProxy } = this.#settings;
    // Behind a proxy the name is resolved by the proxy: its rules apply there, ours cannot.
    return new EnvHttpProxyAgent({
      ...options,
      httpProxy: proxyUrl,
      httpsProxy: proxyUrl,
      noProxy: noProxy ?? '',
      requestTls: this.#trust(),
    });
  }

  /** A person's own certificate authority is added to the usual ones, never put in their place. */
  #trust(): { rejectUnauthorized: true; ca?: string[] } {
    // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 would be the default otherwise.
    if (!this.#settings.caFile) return { rejectUnauthorized: true };
    this.#authorities ??= [...rootCertificates, readAuthority(this.#settings.caFile)];
    return { rejectUnauthorized: true, ca: this.#authorities };
  }
}

/** Resolves a name and refuses it when any of its addresses is one we must not connect to. */
function guardedLookup(allowPrivateNetwork: boolean): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 4);
      for (const { address } of addresses) {
        const kind = kindOfAddress(address);
        if (kind === 'metadata' || (kind === 'private' && !allowPrivateNetwork)) {
          return callback(new AddressRefused(`${hostname} resolves to a ${kind} address`), '', 4);
        }
      }
      if (options.all) return (callback as (e: null, all: typeof addresses) => void)(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new MoltbotError('CONFIG_INVALID', `network.caFile ${file} cannot be read.`, {
      hint: 'Check the path, or remove the setting: moltbot config unset network.caFile',
      cause: error,
    });
  }
}

function metadataRefused(origin: string): MoltbotError {
  return new MoltbotError('ADDRESS_NOT_ALLOWED', `${origin} is a machine metadata address, never a provider.`, {
    hint: 'Set another base URL: moltbot config set models.providers.<provider>.baseUrl <url>',
  });
}
