import { setTimeout } from 'node:timers/promises';
import type { Paths } from '../../config/paths.ts';
import { readRunningGateway } from '../../gateway/gateway-file.ts';

/** A running gateway looks for changes before every attempt, and by itself four times a second. */
const NOTICED_AFTER_MS = 300;

/**
 * Resolves when a running gateway uses what was stored: requests that were on their way with the old credential have been
 * sent by then, and no later one uses it.
 */
export async function gatewayHasNoticed(paths: Paths): Promise<void> {
  if (readRunningGateway(paths)) await setTimeout(NOTICED_AFTER_MS);
}
