import { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';

/** What reads the use of this request's answer; undefined where nobody is charged for one. */
export function meterOf({ route, body }: ProxyRequest): UsageMeter | undefined {
  if (route.purpose === 'generate' && route.format) return new UsageMeter(route.format, body.length);
  // Their figures are written as those of chat completions, without an output.
  return route.purpose === 'embeddings' ? new UsageMeter('openai-chat', body.length) : undefined;
}
