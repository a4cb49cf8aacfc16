import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { GatewayConfig } from '../config/schema.ts';
import { MoltbotError, systemCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';

export type TlsSettings = NonNullable<GatewayConfig['tls']>;

/** A certificate and the key that belongs to it, as read from their files. */
export interface TlsFiles {
  /** PEM: the certificate, then those between it and its issuer. */
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly certificate: X509Certificate;
  /** Clients refuse the certificate from then on. */
  readonly expiresAtMs: number;
  /** Changes when either file does. */
  readonly version: string;
}

/**
 * Reads `gateway.tls`. Fails with CONFIG_INVALID, naming setting and file: not an absolute path, unreadable, no
 * certificate, no key, a key with a passphrase, or a key of another certificate. An expired certificate is read all the
 * same: whoever calls says so.
 */
export function readTlsFiles({ certFile, keyFile }: TlsSettings): TlsFiles {
  const version = tlsVersion({ certFile, keyFile });
  const cert = read('gateway.tls.certFile', certFile);
  const key = read('gateway.tls.keyFile', keyFile);
  const certificate = parse(
    'gateway.tls.certFile',
    certFile,
    'holds no PEM certificate',
    () => new X509Certificate(cert),
  );
  const privateKey = parse('gateway.tls.keyFile', keyFile, 'holds no PEM private key without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw wrong('gateway.tls.keyFile', keyFile, `is not the key of the certificate in ${printable(certFile)}`);
  }
  return { cert, key, certificate, expiresAtMs: Date.parse(certificate.validTo), version };
}

/** Changes when either file does. Fails as `readTlsFiles` does when one is gone. */
export function tlsVersion({ certFile, keyFile }: TlsSettings): string {
  const files = [
    ['gateway.tls.certFile', certFile],
    ['gateway.tls.keyFile', keyFile],
  ] as const;
  return files.map(([setting, file]) => versionOf(setting, file)).join(' ');
}

function versionOf(setting: string, file: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(file);
    return `${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    throw unreadable(setting, file, error);
  }
}

function read(setting: string, file: string): Buffer {
  if (!isAbsolute(file)) throw wrong(setting, file, 'is not an absolute path');
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(setting, file, error);
  }
}

function parse<T>(setting: string, file: string, fault: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw wrong(setting, file, fault, cause);
  }
}

function unreadable(setting: string, file: string, error: unknown): MoltbotError {
  const code = systemCode(error);
  return wrong(setting, file, code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? 'failed'})`, error);
}

function wrong(setting: string, file: string, fault: string, cause?: unknown): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `${setting}: ${printable(file)} ${fault}.`, {
    hint: 'See both files: moltbot config get gateway.tls, then moltbot doctor',
    cause,
  });
}
