import { BatchMeter } from '../../ledger/usage/batch-meter.ts';
import { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';

/** What reads the use of an answer. */
export interface Meters {
  readonly meter: UsageMeter | undefined;
  readonly batchMeter: BatchMeter | undefined;
}

/** For answers that nobody is charged for. */
export const NO_METERS: Meters = { meter: undefined, batchMeter: undefined };

export function metersOf({ route, body }: ProxyRequest): Meters {
  if (route.purpose === 'generate' && route.format) {
    return { ...NO_METERS, meter: new UsageMeter(route.format, body.length) };
  }
  // Their figures are written as those of chat completions, without an output.
  if (route.purpose === 'embeddings') return { ...NO_METERS, meter: new UsageMeter('openai-chat', body.length) };
  return isBatchResults(route) ? { ...NO_METERS, batchMeter: new BatchMeter() } : NO_METERS;
}

function isBatchResults({ purpose, path }: ProxyRequest['route']): boolean {
  return purpose === 'batches' && path.endsWith('/results');
}
