import { BatchMeter } from '../../ledger/usage/batch-meter.ts';
import type { ResultsMeter } from '../../ledger/usage/results-meter.ts';
import { StoredResponseMeter } from '../../ledger/usage/stored-response-meter.ts';
import { UsageMeter } from '../../ledger/usage/usage-meter.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';

/** What reads the use of an answer. */
export interface Meters {
  readonly meter: UsageMeter | undefined;
  /** Of what an earlier request made. */
  readonly resultsMeter: ResultsMeter | undefined;
}

/** For answers that nobody is charged for. */
export const NO_METERS: Meters = { meter: undefined, resultsMeter: undefined };

export function metersOf({ route, method, provider, body }: ProxyRequest): Meters {
  if (route.purpose === 'generate' && route.format) {
    return { ...NO_METERS, meter: new UsageMeter(route.format, body.length) };
  }
  // Their figures are written as those of chat completions, without an output.
  if (route.purpose === 'embeddings') return { ...NO_METERS, meter: new UsageMeter('openai-chat', body.length) };
  return { ...NO_METERS, resultsMeter: resultsMeterOf({ route, method, provider }) };
}

type Fetched = Pick<ProxyRequest, 'route' | 'method' | 'provider'>;

/** Whether the answer may hold what an earlier request made: then all of it has to come, not a part. */
export function mayHoldResults({ route, method, provider }: Fetched): boolean {
  const isOpenai = provider.dialect === 'openai';
  switch (route.path) {
    case 'messages/batches/{id}/results':
      return true;
    // Which of the files are results only their lines tell.
    case 'files/{id}/content':
      return isOpenai;
    case 'responses/{id}':
      return isOpenai && method === 'GET';
    case 'responses/{id}/cancel':
      return isOpenai;
    default:
      return false;
  }
}

function resultsMeterOf(fetched: Fetched): ResultsMeter | undefined {
  if (!mayHoldResults(fetched)) return undefined;
  if (fetched.route.purpose === 'responses') return new StoredResponseMeter();
  return new BatchMeter(fetched.route.purpose === 'batches' ? 'anthropic-messages' : 'openai-chat');
}
