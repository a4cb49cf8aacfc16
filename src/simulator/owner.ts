import type { Exchange } from './answer.ts';

/** Whom files, batches and stored responses belong to: what one key made, no other key finds. */
export function ownerOf({ issued, received }: Exchange): string {
  return issued?.fingerprint ?? received.credentials[0]?.fingerprint ?? 'nobody';
}
