import { constants, fchmodSync, lstatSync, openSync, renameSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { fileError } from '../../config/paths.ts';
import { LogFile } from './log-file.ts';

/** A log of this size is moved to `….1` (one is kept) when a gateway starts. */
const LARGEST_BYTES = 20 * 1024 * 1024;

export interface GatewayLog {
  readonly logger: Logger;
  /** Writes what is left. */
  close(): void;
}

/**
 * The gateway's log: one JSON object per line in a file that only its owner can read. Credentials are `Secret` objects,
 * which print themselves as `[secret]`; nothing is redacted by path. A link in its place is refused (NOT_PERMITTED).
 */
export function openGatewayLog(file: string, level: string): GatewayLog {
  const logFile = new LogFile(openPrivately(file));
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, logFile);
  return { logger, close: () => logFile.close() };
}

function openPrivately(file: string): number {
  try {
    const there = lstatSync(file, { throwIfNoEntry: false });
    if (there && there.size > LARGEST_BYTES) renameSync(file, `${file}.1`);
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
    const fd = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    throw fileError(file, 'written', error);
  }
}
