import type { UsageReading } from './usage-meter.ts';

/** Reads, from bytes that are cut anywhere, the use of answers that were made by an earlier request and are fetched now. */
export interface ResultsMeter {
  push(chunk: Buffer): void;
  /** One for each answer; to be asked once, after the last byte. */
  readings(): readonly UsageReading[];
}
