import { refusalOf, type Standing } from '../../agents/decide.ts';
import type { Gate } from '../../agents/policy-gates.ts';
import { diskRefusal } from './disk-gate.ts';
import { draining } from './draining.ts';
import type { Call } from './proxy-request.ts';

export interface GateContext {
  readonly isDraining: boolean;
  /** The closed gate of the disk. */
  readonly disk: Gate | undefined;
  readonly nowMs: number;
}

/**
 * The conditions that need nothing of the body, in order; the first that is closed is what the client is told. Which
 * models may be asked is decided when the request was read (`may-ask.ts`), by the same function.
 */
export function passGates(
  standing: Standing,
  { provider, route }: Call,
  { isDraining, disk, nowMs }: GateContext,
): void {
  if (isDraining) throw draining();
  if (disk) throw diskRefusal(disk);
  const refusal = refusalOf(standing, { providerId: provider.id, purpose: route.purpose }, nowMs);
  if (refusal) throw refusal;
}
