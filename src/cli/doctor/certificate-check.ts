import { chmodSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { printable } from '../../core/text.ts';
import { formatDuration, formatTime } from '../../core/time.ts';
import { readTlsFiles, type TlsFiles, type TlsSettings } from '../../gateway/tls-files.ts';
import { EXPIRY_WARNING_MS } from '../../status/profile-status.ts';
import type { DoctorContext, Finding } from './finding.ts';

const LOOSE = 0o077;

/** The certificate of `gateway.tls`: whether it fits its key, for whom and how long it is good, who can read the key. */
export function checkCertificate({ app }: DoctorContext): Finding[] {
  const { tls, allowedHosts } = app.config().config.gateway;
  if (!tls) return [];
  const files = readTlsFiles(tls);
  const findings = [...expiry(tls, files, app.now()), ...wrongNames(tls, files, allowedHosts), ...looseKey(tls)];
  if (findings.length > 0) return findings;
  const message = `The certificate in ${printable(tls.certFile)} is good until ${formatTime(files.expiresAtMs)}.`;
  return [{ check: 'certificate', level: 'ok', message }];
}

function expiry({ certFile }: TlsSettings, { expiresAtMs }: TlsFiles, nowMs: number): Finding[] {
  const remainingMs = expiresAtMs - nowMs;
  if (remainingMs > EXPIRY_WARNING_MS) return [];
  const remedy = `Renew it and put it in the place of ${printable(certFile)}; a running gateway takes it over by itself.`;
  const name = `The certificate in ${printable(certFile)}`;
  return remainingMs <= 0
    ? [
        {
          check: 'certificate',
          level: 'problem',
          message: `${name} expired at ${formatTime(expiresAtMs)}.`,
          remedy,
          exitCode: 78,
        },
      ]
    : [
        {
          check: 'certificate',
          level: 'warning',
          message: `${name} expires in ${formatDuration(remainingMs)}.`,
          remedy,
        },
      ];
}

function wrongNames({ certFile }: TlsSettings, { certificate }: TlsFiles, allowedHosts: readonly string[]): Finding[] {
  return allowedHosts
    .filter((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) === undefined)
    .map((host) => ({
      check: 'certificate',
      level: 'warning',
      message: `The certificate in ${printable(certFile)} is not for ${printable(host)}, which gateway.allowedHosts names.`,
      remedy: 'Get one with that name, or take the name out: moltbot config edit',
    }));
}

function looseKey({ keyFile }: TlsSettings): Finding[] {
  const mode = statSync(keyFile).mode & 0o777;
  if (process.platform === 'win32' || (mode & LOOSE) === 0) return [];
  return [
    {
      check: 'certificate',
      level: 'warning',
      message: `The private key ${printable(keyFile)} can be read by other users (mode ${mode.toString(8)}).`,
      remedy: `chmod 600 ${printable(keyFile)}`,
      file: keyFile,
      fix: () => {
        chmodSync(keyFile, 0o600);
        return `Made ${printable(keyFile)} private.`;
      },
    },
  ];
}
