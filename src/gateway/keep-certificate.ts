import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Logger } from 'pino';
import { isMoltbotError } from '../core/errors.ts';
import { DAY_MS, formatDuration, formatTime, SECOND_MS } from '../core/time.ts';
import { readTlsFiles, type TlsSettings, tlsVersion } from './tls-files.ts';

const LOOK_EVERY_MS = 15 * SECOND_MS;
/** Like that of credentials. */
const WARNING_MS = 14 * DAY_MS;

/**
 * Takes a renewed certificate over without a restart: new connections get it, open ones go on. Files that do not fit
 * (half renewed, unreadable) are said once in the log, and the old certificate stays. Warns daily when it is about to
 * expire. Ends with the server.
 */
export function keepCertificate(
  server: Server,
  tls: TlsSettings,
  log: Logger,
  { everyMs = LOOK_EVERY_MS, now = Date.now } = {},
): void {
  if (!(server instanceof TlsServer)) return;
  let taken = readTlsFiles(tls);
  let warnedAtMs = warnOfExpiry(log, tls, taken.expiresAtMs, now());
  let fault = '';
  const takeOver = () => {
    if (tlsVersion(tls) === taken.version) return;
    const files = readTlsFiles(tls);
    server.setSecureContext({ cert: files.cert, key: files.key });
    taken = files;
    fault = '';
    log.info({ certFile: tls.certFile, expiresAtMs: taken.expiresAtMs }, 'took over a new certificate');
    warnedAtMs = warnOfExpiry(log, tls, taken.expiresAtMs, now());
  };
  const look = () => {
    if (now() - warnedAtMs >= DAY_MS) warnedAtMs = warnOfExpiry(log, tls, taken.expiresAtMs, now());
    try {
      takeOver();
    } catch (error) {
      if (!isMoltbotError(error)) throw error;
      if (fault !== error.message) log.error({ code: error.code }, `certificate not taken over: ${error.message}`);
      fault = error.message;
    }
  };
  const timer = setInterval(look, everyMs).unref();
  server.on('close', () => clearInterval(timer));
}

/** Gives when it looked. */
function warnOfExpiry(log: Logger, { certFile }: TlsSettings, expiresAtMs: number, nowMs: number): number {
  const remainingMs = expiresAtMs - nowMs;
  if (remainingMs <= 0)
    log.error({ certFile }, `the certificate expired at ${formatTime(expiresAtMs)}: clients refuse it`);
  else if (remainingMs <= WARNING_MS)
    log.warn({ certFile }, `the certificate expires in ${formatDuration(remainingMs)}`);
  return nowMs;
}
