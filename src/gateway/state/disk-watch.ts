import type { Gate } from '../../agents/policy-gates.ts';
import { freeDiskBytes } from '../../core/free-disk.ts';
import { SECOND_MS } from '../../core/time.ts';
import { diskGate } from '../admit/disk-gate.ts';

export interface DiskWatchParts {
  readonly directory: string;
  readonly minFreeDiskMb: () => number;
  /** Called once each time the gate closes, and once when it opens again. */
  readonly onDiskLow: (gate: Gate, freeBytes: number) => void;
  readonly onDiskEnough: (freeBytes: number) => void;
}

const EVERY_MS = 3 * SECOND_MS;

/** Looks now and then how much is free on the disk of the state directory, and closes the gate before it is full. */
export class DiskWatch {
  readonly #parts: DiskWatchParts;
  #gate: Gate | undefined;
  #dueAtMs = 0;

  constructor(parts: DiskWatchParts) {
    this.#parts = parts;
  }

  /** The closed gate; undefined while it is open. */
  get closed(): Gate | undefined {
    return this.#gate;
  }

  /** A few times a second. */
  look(): void {
    if (performance.now() < this.#dueAtMs) return;
    this.#dueAtMs = performance.now() + EVERY_MS;
    const { directory, minFreeDiskMb, onDiskLow, onDiskEnough } = this.#parts;
    const freeBytes = freeDiskBytes(directory);
    if (freeBytes === undefined) return;
    const was = this.#gate;
    [this.#gate] = diskGate(freeBytes, minFreeDiskMb());
    if (this.#gate && !was) onDiskLow(this.#gate, freeBytes);
    else if (was && !this.#gate) onDiskEnough(freeBytes);
  }
}
