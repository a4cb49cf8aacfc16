import { type EnrolledAgent, EnrolledStore } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { PinnedServer } from './call-server.ts';
import { placeOf } from './identity-place.ts';
import { parseServer } from './server-address.ts';

/** The record of an agent that works through a gateway elsewhere; undefined for one of this machine. */
export function findEnrolled(app: App, agentId: string): EnrolledAgent | undefined {
  const stores = app.storesForReading();
  return stores && new EnrolledStore(stores.database).get(agentId);
}

export function serverOf({ serverUrl, fingerprint }: EnrolledAgent): PinnedServer {
  return { ...parseServer(serverUrl, true), fingerprint };
}

/** Its agent key. ENROLLMENT_NOT_FOUND while nobody has let it in; AGENT_KEY_REJECTED when the key is gone. */
export async function agentKeyOf(app: App, enrolled: EnrolledAgent): Promise<Secret> {
  const { agentId, serverUrl, enrollmentId } = enrolled;
  if (enrollmentId !== null) {
    throw new MoltbotError('ENROLLMENT_NOT_FOUND', `Agent "${agentId}" waits to be let in at ${serverUrl}.`, {
      hint: `Fetch the decision: moltbot enroll --server ${serverUrl} --name ${agentId}`,
    });
  }
  const place = placeOf(app, enrolled);
  const key = await place.get();
  if (key) return key;
  throw new MoltbotError('AGENT_KEY_REJECTED', `The agent key of "${agentId}" is no longer in ${place.name}.`, {
    hint: `Enrol again: moltbot unenroll ${agentId}, then moltbot enroll --server ${serverUrl} --name ${agentId}`,
  });
}
