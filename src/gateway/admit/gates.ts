import { refusalOf, type Standing } from '../../agents/decide.ts';
import { draining } from './draining.ts';
import type { Call } from './proxy-request.ts';

export interface GateContext {
  readonly isDraining: boolean;
  readonly nowMs: number;
}

/**
 * The conditions that need nothing of the body, in order; the first that is closed is what the client is told. Which
 * models may be asked is decided when the request was read (`may-ask.ts`), by the same function.
 */
export function passGates(standing: Standing, { provider, route }: Call, { isDraining, nowMs }: GateContext): void {
  if (isDraining) throw draining();
  const refusal = refusalOf(standing, { providerId: provider.id, purpose: route.purpose }, nowMs);
  if (refusal) throw refusal;
}
