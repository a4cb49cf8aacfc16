import type { Gate } from '../../agents/policy-gates.ts';
import { MoltbotError } from '../../core/errors.ts';

const MB = 1_048_576;

/**
 * Closed, and why, where less is free on the disk of the state directory than `ledger.minFreeDiskMb` asks for; none where
 * it is open. `freeBytes` is undefined where that is not known.
 */
export function diskGate(freeBytes: number | undefined, minFreeDiskMb: number): Gate[] {
  if (freeBytes === undefined || freeBytes >= minFreeDiskMb * MB) return [];
  const [free, needed] = [freeMb(freeBytes), minFreeDiskMb].map((mb) => mb.toLocaleString('en-US'));
  const why = `Only ${free} MB are free on the disk of the gateway's state, and ${needed} MB must be, so nothing is forwarded.`;
  return [{ name: 'disk', open: false, why }];
}

export function freeMb(freeBytes: number): number {
  return Math.floor(freeBytes / MB);
}

/** DISK_FULL: what clients are told while the gate is closed. It passes by itself once there is room. */
export function diskRefusal({ name, why }: Gate): MoltbotError {
  const hint = 'The person who runs this gateway can see what to do: moltbot gates';
  return new MoltbotError('DISK_FULL', why, { hint, gate: name });
}
