import { dirname } from 'node:path';
import type { Alert } from '../../alerts/alert.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../database/database.ts';
import { freeMb } from '../admit/disk-gate.ts';
import { DiskWatch } from './disk-watch.ts';

interface WatchedDisk {
  readonly database: Database;
  readonly config: () => Config;
  readonly tell: (alert: Alert) => void;
  readonly now: Clock;
}

/** Watches the disk of the state, and tells people when it is nearly full and when there is room again. */
export function watchDisk({ database, config, tell, now }: WatchedDisk): DiskWatch {
  const minFreeDiskMb = () => config().ledger.minFreeDiskMb;
  const about = (freeBytes: number) => ({
    atMs: now(),
    subject: 'disk',
    detail: { freeBytes, minFreeDiskMb: minFreeDiskMb() },
  });
  const watch = new DiskWatch({
    directory: dirname(database.path),
    minFreeDiskMb,
    onDiskLow: ({ why }, freeBytes) => tell({ kind: 'disk.low', text: why, ...about(freeBytes) }),
    onDiskEnough: (freeBytes) => {
      const free = freeMb(freeBytes).toLocaleString('en-US');
      const text = `${free} MB are free on the disk of the gateway's state, so requests are forwarded again.`;
      tell({ kind: 'disk.enough', text, ...about(freeBytes) });
    },
  });
  watch.look();
  return watch;
}
