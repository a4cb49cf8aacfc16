import { systemCode } from '../../core/errors.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import type { Provider } from '../../providers/provider.ts';
import { AddressRefused, type Upstream } from '../../providers/upstream.ts';

const LIMIT_MS = 10_000;

export interface Reachability {
  readonly baseUrl: string;
  readonly reachable: boolean;
  readonly statusCode: number | null;
  readonly latencyMs: number | null;
  /** One sentence. */
  readonly detail: string;
}

/** Asks for the model list without a credential: free, and any HTTP answer (mostly 401) proves that the way is open. */
export async function reach(upstream: Upstream, provider: Provider, baseUrl: string): Promise<Reachability> {
  const { origin, prefix } = upstreamBase(provider.dialect, baseUrl);
  const startedAtMs = performance.now();
  try {
    const pool = upstream.pool({ origin, allowPrivateNetwork: provider.allowPrivateNetwork });
    const signal = AbortSignal.timeout(LIMIT_MS);
    const answer = await pool.request({ origin, method: 'GET', path: `${prefix}/models`, signal });
    await answer.body.dump();
    const latencyMs = Math.round(performance.now() - startedAtMs);
    return { baseUrl, reachable: true, statusCode: answer.statusCode, latencyMs, detail: `${origin} answers.` };
  } catch (error) {
    return { baseUrl, reachable: false, statusCode: null, latencyMs: null, detail: `${origin} ${whyNot(error)}.` };
  }
}

function whyNot(error: unknown): string {
  if (error instanceof AddressRefused) return 'resolves to a private address, which needs allowPrivateNetwork';
  if (error instanceof Error && error.name === 'TimeoutError') return `did not answer within ${LIMIT_MS / 1000} s`;
  return `cannot be reached (${systemCode(error) ?? 'failed'})`;
}
