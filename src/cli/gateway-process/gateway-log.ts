import { constants, fchmodSync, lstatSync, openSync, renameSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { fileError } from '../../config/paths.ts';

/** A log of this size is moved to `….1` (one is kept) when a gateway starts. */
const LARGEST_BYTES = 20 * 1024 * 1024;

export interface GatewayLog {
  readonly logger: Logger;
  close(): void;
}

/**
 * The gateway's log: one JSON object per line in a file that only its owner can read. Credentials are `Secret` objects,
 * which print themselves as `[secret]`; nothing is redacted by path. Lines are written as they come, in order, so that a crash loses none. A link in its place is
 * refused (NOT_PERMITTED).
 */
export function openGatewayLog(file: string, level: string): GatewayLog {
  const destination = pino.destination({ fd: openPrivately(file), sync: true });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return { logger, close: () => destination.end() };
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
